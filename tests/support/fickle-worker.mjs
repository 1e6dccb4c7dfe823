// A worker process for tests of its supervision. It prints its number, then does what ROLE says: `crash` exits with
// code 3; `stay` exits at SIGTERM with a last line, or when its parent process is gone.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => {
  console.error('gave everything back');
  process.exit(0);
});
console.log(`ready ${process.pid}`);
if (process.env.ROLE === 'crash') process.exit(3);
