const months = 'January February March April May June July August September October November December'.split(' ');
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** A time as Python's `strftime` writes it, in UTC and English. Directives that no template uses stay as they are. */
export function timeText(time: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const month = months[time.getUTCMonth()]!;
  const day = days[time.getUTCDay()]!;
  const hour = time.getUTCHours();
  const parts: Readonly<Record<string, string>> = {
    Y: String(time.getUTCFullYear()),
    y: two(time.getUTCFullYear() % 100),
    m: two(time.getUTCMonth() + 1),
    B: month,
    b: month.slice(0, 3),
    d: two(time.getUTCDate()),
    A: day,
    a: day.slice(0, 3),
    H: two(hour),
    I: two(((hour + 11) % 12) + 1),
    p: hour < 12 ? 'AM' : 'PM',
    M: two(time.getUTCMinutes()),
    S: two(time.getUTCSeconds()),
    '%': '%',
  };
  return format.replace(/%(.)/gs, (whole, directive: string) => parts[directive] ?? whole);
}
