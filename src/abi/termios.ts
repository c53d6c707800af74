// table
// Terminals: asm-generic/termbits.h, ioctls.h, termios.h.
import { struct } from './struct.ts';
import { bytes, u8, u16, uint } from './type.ts';

export const termios = struct('termios', {
  c_iflag: uint,
  c_oflag: uint,
  c_cflag: uint,
  c_lflag: uint,
  c_line: u8,
  c_cc: bytes(19),
});
export interface Settings {
  c_iflag: number;
  c_oflag: number;
  c_cflag: number;
  c_lflag: number;
  c_line: number;
  c_cc: Uint8Array;
}
export const winsize = struct('winsize', { ws_row: u16, ws_col: u16, ws_xpixel: u16, ws_ypixel: u16 });
/** c_iflag */
export const ISTRIP = 0o40,
  INLCR = 0o100,
  IGNCR = 0o200,
  ICRNL = 0o400,
  IUCLC = 0o1000,
  IXON = 0o2000,
  IXANY = 0o4000,
  IUTF8 = 0o40000;
/** c_oflag */
export const OPOST = 1,
  OLCUC = 2,
  ONLCR = 4,
  OCRNL = 0o10,
  ONOCR = 0o20,
  ONLRET = 0o40,
  TABDLY = 0o14000,
  XTABS = 0o14000;
/** c_lflag */
export const ISIG = 1,
  ICANON = 2,
  ECHO = 0o10,
  ECHOE = 0o20,
  ECHOK = 0o40,
  ECHONL = 0o100,
  NOFLSH = 0o200,
  TOSTOP = 0o400,
  ECHOCTL = 0o1000,
  ECHOKE = 0o4000,
  IEXTEN = 0o100000;
/** Places in c_cc. */
export const VINTR = 0,
  VQUIT = 1,
  VERASE = 2,
  VKILL = 3,
  VEOF = 4,
  VTIME = 5,
  VMIN = 6,
  VSTART = 8,
  VSTOP = 9,
  VSUSP = 10,
  VEOL = 11,
  VREPRINT = 12,
  VWERASE = 14,
  VLNEXT = 15,
  VEOL2 = 16;
export const TCGETS = 0x5401,
  TCSETS = 0x5402,
  TCSETSW = 0x5403,
  TCSETSF = 0x5404,
  TCSBRK = 0x5409,
  TCXONC = 0x540a,
  TCFLSH = 0x540b,
  TIOCEXCL = 0x540c,
  TIOCNXCL = 0x540d,
  TIOCSCTTY = 0x540e,
  TIOCGPGRP = 0x540f,
  TIOCSPGRP = 0x5410,
  TIOCOUTQ = 0x5411,
  TIOCSTI = 0x5412,
  TIOCGWINSZ = 0x5413,
  TIOCSWINSZ = 0x5414,
  FIONREAD = 0x541b,
  TIOCPKT = 0x5420,
  TIOCNOTTY = 0x5422,
  TIOCGETD = 0x5424,
  TCSBRKP = 0x5425,
  TIOCGSID = 0x5429,
  TIOCGPTN = 0x80045430,
  TIOCSPTLCK = 0x40045431,
  TIOCGDEV = 0x80045432,
  TIOCGPTLCK = 0x80045439,
  TIOCGPTPEER = 0x5441;
/** A terminal in its usual cooked state (tty_std_termios; a terminal emulator's host adds IUTF8). */
export const COOKED: Settings = {
  c_iflag: ICRNL | IXON | IUTF8,
  c_oflag: OPOST | ONLCR,
  c_cflag: 0xbf,
  c_lflag: 0x8a3b,
  c_line: 0,
  c_cc: Uint8Array.of(3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0),
};
