// The line discipline: what stands between a terminal's keys and a program (drivers/tty/n_tty.c). Lines are edited and echoed, some keys become signals,
// output gets its carriage returns.
import { SIGINT, SIGQUIT, SIGTSTP } from '../../abi/signal.ts';
import * as T from '../../abi/termios.ts';

/** Bytes of input that wait for a reader, at most. */
const INPUT_MAX = 4096;
/** Stands for an end of file in the buffer: it ends a line without being part of it. */
const EOF = -1;
const TAB = 9,
  NL = 10,
  CR = 13;
const isControl = (c: number): boolean => c < 32 || c === 127;
const isContinuation = (c: number): boolean => (c & 0xc0) === 0x80;
const isWord = (c: number): boolean =>
  (c >= 48 && c <= 57) || ((c | 32) >= 97 && (c | 32) <= 122) || c === 95 || c > 127;

export interface Surroundings {
  /** Bytes for the screen, as they are to be sent. */
  emit(bytes: number[]): void;
  /** A key asked for a signal to the foreground. */
  signal(signal: number): void;
  /** Output stopped or goes on (^S, ^Q). */
  flow(stopped: boolean): void;
}

export class Discipline {
  settings: T.Settings;
  readonly #around: Surroundings;
  /** Input not yet read; with ICANON, up to `#ready` it is whole lines. */
  #input: number[] = [];
  #ready = 0;
  /** The next byte is taken as it is (^V). */
  #literal = false;
  #column = 0;
  /** Where output stood when the line being edited began. */
  #lineColumn = 0;
  stopped = false;

  constructor(settings: T.Settings, around: Surroundings) {
    this.settings = settings;
    this.#around = around;
  }
  #is(flag: number): boolean {
    return (this.settings.c_lflag & flag) !== 0;
  }
  #key(place: number, c: number): boolean {
    return c !== 0 && this.settings.c_cc[place] === c;
  }
  /** Bytes a read could have now. */
  get available(): number {
    if (!this.#is(T.ICANON)) return this.#input.filter((c) => c !== EOF).length;
    return this.#input.slice(0, this.#ready).filter((c) => c !== EOF).length;
  }
  /** Room for more input. */
  get room(): number {
    return Math.max(0, INPUT_MAX - this.#input.length);
  }
  /** A read has something to give: a line, or as many bytes as VMIN says. */
  get readable(): boolean {
    if (this.#is(T.ICANON)) return this.#ready > 0;
    const least = this.settings.c_cc[T.VTIME] ? 1 : Math.max(1, this.settings.c_cc[T.VMIN] as number);
    return this.#input.length >= least;
  }
  /** tcsetattr: unread input stays, as one line or as bytes. */
  configure(settings: T.Settings): void {
    const was = this.#is(T.ICANON);
    this.settings = settings;
    if (this.#is(T.ICANON) !== was) {
      this.#ready = this.#is(T.ICANON) ? this.#input.length : 0;
      if (!this.#is(T.ICANON))
        this.#input = this.#input.map((c) => (c === EOF ? (settings.c_cc[T.VEOF] as number) : c));
    }
    if (!(settings.c_iflag & T.IXON)) this.flow(false);
  }
  flushInput(): void {
    this.#input = [];
    this.#ready = 0;
  }

  /** Input that another discipline, the host's, had and echoed already; its ends of file are zero bytes. */
  adopt(bytes: Uint8Array): void {
    for (const c of bytes) {
      this.#input.push(c === 0 ? EOF : c);
      if (this.#is(T.ICANON) && (c === 0 || c === NL)) this.#ready = this.#input.length;
    }
  }

  // --- input
  /** Keys typed, or bytes from a pseudo-terminal's master. How many were taken. */
  receive(bytes: Uint8Array): number {
    for (let i = 0; i < bytes.length; i++) this.#receiveOne(bytes[i] as number);
    return bytes.length;
  }
  #receiveOne(byte: number): void {
    const { c_iflag } = this.settings;
    let c = c_iflag & T.ISTRIP ? byte & 0x7f : byte;
    if (this.#literal) {
      this.#literal = false;
      this.#put(c);
      return;
    }
    if (c_iflag & T.IUCLC && this.#is(T.IEXTEN) && c >= 65 && c <= 90) c += 32;
    if (c_iflag & T.IXON) {
      if (this.#key(T.VSTART, c)) return this.flow(false);
      if (this.#key(T.VSTOP, c)) return this.flow(true);
      if (this.stopped && c_iflag & T.IXANY) this.flow(false);
    }
    if (this.#is(T.ISIG)) {
      const signal = this.#key(T.VINTR, c)
        ? SIGINT
        : this.#key(T.VQUIT, c)
          ? SIGQUIT
          : this.#key(T.VSUSP, c)
            ? SIGTSTP
            : 0;
      if (signal) return this.#interrupt(signal, c);
    }
    if (c === CR) {
      if (c_iflag & T.IGNCR) return;
      if (c_iflag & T.ICRNL) c = NL;
    } else if (c === NL && c_iflag & T.INLCR) c = CR;
    if (this.#is(T.ICANON) && this.#edit(c)) return;
    this.#put(c);
  }
  #interrupt(signal: number, c: number): void {
    if (!this.#is(T.NOFLSH)) this.flushInput();
    if (this.#is(T.ECHO)) this.#echo(c);
    this.flow(false);
    this.#around.signal(signal);
  }
  /** Output stops or goes on. */
  flow(stopped: boolean): void {
    if (this.stopped === stopped) return;
    this.stopped = stopped;
    this.#around.flow(stopped);
  }
  /** Keys that edit the line or end it. */
  #edit(c: number): boolean {
    const extended = this.#is(T.IEXTEN);
    if (this.#key(T.VERASE, c)) this.#erase('character');
    else if (this.#key(T.VKILL, c)) this.#kill(c);
    else if (extended && this.#key(T.VWERASE, c)) this.#erase('word');
    else if (extended && this.#key(T.VLNEXT, c)) {
      this.#literal = true;
      if (this.#is(T.ECHO) && this.#is(T.ECHOCTL)) this.#output([94, 8]);
    } else if (extended && this.#is(T.ECHO) && this.#key(T.VREPRINT, c)) {
      this.#echo(c);
      this.#output([NL]);
      for (const b of this.#input.slice(this.#ready)) this.#echo(b);
    } else if (this.#key(T.VEOF, c)) this.#endLine(EOF);
    else if (c === NL || this.#key(T.VEOL, c) || (extended && this.#key(T.VEOL2, c))) {
      if (this.#is(T.ECHO) || (c === NL && this.#is(T.ECHONL))) this.#echo(c);
      this.#endLine(c);
    } else return false;
    return true;
  }
  #endLine(c: number): void {
    this.#input.push(c);
    this.#ready = this.#input.length;
  }
  #put(c: number): void {
    // A full buffer drops what comes, but a line must be able to end.
    if (this.#input.length >= INPUT_MAX - 1) return;
    if (this.#is(T.ECHO)) {
      if (this.#input.length === this.#ready) this.#lineColumn = this.#column;
      this.#echo(c);
    }
    this.#input.push(c);
  }
  #erase(what: 'character' | 'word'): void {
    let seen = false;
    while (this.#input.length > this.#ready) {
      let n = 1;
      if (this.settings.c_iflag & T.IUTF8)
        while (n < this.#input.length - this.#ready && isContinuation(this.#input.at(-n) as number)) n++;
      const c = this.#input.at(-n) as number;
      if (what === 'word') {
        const word = isWord(c);
        if (seen && !word) break;
        seen ||= word;
      }
      this.#input.length -= n;
      if (this.#is(T.ECHO)) this.#unecho(c);
      if (what === 'character') break;
    }
  }
  #kill(c: number): void {
    if (this.#is(T.ECHO) && this.#is(T.ECHOK) && this.#is(T.ECHOKE) && this.#is(T.ECHOE)) {
      while (this.#input.length > this.#ready) this.#erase('character');
      return;
    }
    this.#input.length = this.#ready;
    if (!this.#is(T.ECHO)) return;
    this.#echo(c);
    if (this.#is(T.ECHOK)) this.#output([NL]);
  }

  // --- echo and output
  #echo(c: number): void {
    if (c === EOF) return;
    if (isControl(c) && c !== TAB && c !== NL && this.#is(T.ECHOCTL)) this.#output([94, c ^ 64]);
    else this.#output([c]);
  }
  /** Takes a character off the screen again. */
  #unecho(c: number): void {
    if (!this.#is(T.ECHOE)) {
      this.#echo(this.settings.c_cc[T.VERASE] as number);
      return;
    }
    if (c === TAB) {
      // Back to where the text before it ends.
      let column = this.#lineColumn;
      for (const b of this.#input.slice(this.#ready))
        if (b === TAB) column = (column | 7) + 1;
        else if (isControl(b)) column += this.#is(T.ECHOCTL) ? 2 : 0;
        else if (!isContinuation(b) || !(this.settings.c_iflag & T.IUTF8)) column++;
      this.#output(new Array(Math.max(0, this.#column - column)).fill(8));
    } else if (isControl(c)) {
      if (this.#is(T.ECHOCTL)) this.#output([8, 32, 8, 8, 32, 8]);
    } else this.#output([8, 32, 8]);
  }
  #output(bytes: number[]): void {
    this.#around.emit(this.process(bytes));
  }
  /** Output as the settings want it. */
  process(bytes: Iterable<number>): number[] {
    const out: number[] = [];
    const o = this.settings.c_oflag;
    if (!(o & T.OPOST)) {
      for (const c of bytes) out.push(c);
      return out;
    }
    for (const c of bytes) {
      switch (c) {
        case NL:
          if (o & T.ONLCR) out.push(CR);
          if (o & (T.ONLCR | T.ONLRET)) this.#column = 0;
          out.push(NL);
          break;
        case CR:
          if (o & T.ONOCR && this.#column === 0) break;
          if (o & T.OCRNL) {
            if (o & T.ONLRET) this.#column = 0;
            out.push(NL);
            break;
          }
          this.#column = 0;
          out.push(CR);
          break;
        case TAB: {
          const n = 8 - (this.#column & 7);
          this.#column += n;
          if ((o & T.TABDLY) === T.XTABS) for (let i = 0; i < n; i++) out.push(32);
          else out.push(TAB);
          break;
        }
        case 8:
          if (this.#column > 0) this.#column--;
          out.push(8);
          break;
        default:
          if (!isControl(c)) {
            if (!(isContinuation(c) && this.settings.c_iflag & T.IUTF8)) this.#column++;
            out.push(o & T.OLCUC && c >= 97 && c <= 122 ? c - 32 : c);
          } else out.push(c);
      }
    }
    return out;
  }

  // --- reading
  /** What is there for a read of this size: a line at most with ICANON. Undefined: nothing yet. */
  take(into: Uint8Array): number | undefined {
    const canonical = this.#is(T.ICANON);
    if (canonical ? this.#ready === 0 : this.#input.length === 0) return undefined;
    let n = 0;
    let used = 0;
    while (used < (canonical ? this.#ready : this.#input.length) && n < into.length) {
      const c = this.#input[used++] as number;
      if (c === EOF) break;
      into[n++] = c;
      if (canonical && (c === NL || this.#key(T.VEOL, c) || this.#key(T.VEOL2, c))) break;
    }
    // An end of file right behind what was wanted ends the line with it.
    if (canonical && n > 0 && n === into.length && this.#input[used] === EOF && this.#input[used - 1] !== NL) used++;
    this.#input.splice(0, used);
    if (canonical) this.#ready -= used;
    return n;
  }
}
