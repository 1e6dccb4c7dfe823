// A worker process for tests of its supervision: says its number, then does what ROLE says: `crash` ends with code 3; `stay` ends at
// SIGTERM with a last word, or when the process that started it is gone.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => {
  console.error('gave everything back');
  process.exit(0);
});
console.log(`ready ${process.pid}`);
if (process.env.ROLE === 'crash') process.exit(3);
