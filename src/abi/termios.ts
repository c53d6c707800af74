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
export const winsize = struct('winsize', { ws_row: u16, ws_col: u16, ws_xpixel: u16, ws_ypixel: u16 });
export const ICANON = 2,
  ECHO = 8,
  ISIG = 1;
export const TCGETS = 0x5401,
  TCSETS = 0x5402,
  TCSETSW = 0x5403,
  TCSETSF = 0x5404,
  TCSBRK = 0x5409,
  TCXONC = 0x540a,
  TCFLSH = 0x540b,
  TIOCSCTTY = 0x540e,
  TIOCGPGRP = 0x540f,
  TIOCSPGRP = 0x5410,
  TIOCOUTQ = 0x5411,
  TIOCGWINSZ = 0x5413,
  TIOCSWINSZ = 0x5414,
  FIONREAD = 0x541b,
  TIOCNOTTY = 0x5422,
  TIOCGSID = 0x5429;
/** A terminal in its usual cooked state. */
export const COOKED = {
  c_iflag: 0x4500,
  c_oflag: 0x5,
  c_cflag: 0xbf,
  c_lflag: 0x8a3b,
  c_line: 0,
  c_cc: Uint8Array.of(3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0),
};
