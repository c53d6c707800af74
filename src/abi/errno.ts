// table
// Linux's error numbers (asm-generic/errno*.h) and the C library's texts for them, as strace prints them.

/** A guest error: a value a system call returns, never thrown. `code` is positive. */
export class Errno {
  readonly name: string;
  readonly code: number;
  readonly text: string;
  constructor(name: string, code: number, text: string) {
    this.name = name;
    this.code = code;
    this.text = text;
  }
}

/** Errno by code, for decoding results. */
export const errnoByCode = new Map<number, Errno>();

function e(name: string, code: number, text: string): Errno {
  const errno = new Errno(name, code, text);
  errnoByCode.set(code, errno);
  return errno;
}

export const EPERM = e('EPERM', 1, 'Operation not permitted');
export const ENOENT = e('ENOENT', 2, 'No such file or directory');
export const ESRCH = e('ESRCH', 3, 'No such process');
export const EINTR = e('EINTR', 4, 'Interrupted system call');
export const EIO = e('EIO', 5, 'Input/output error');
export const ENXIO = e('ENXIO', 6, 'No such device or address');
export const E2BIG = e('E2BIG', 7, 'Argument list too long');
export const ENOEXEC = e('ENOEXEC', 8, 'Exec format error');
export const EBADF = e('EBADF', 9, 'Bad file descriptor');
export const ECHILD = e('ECHILD', 10, 'No child processes');
export const EAGAIN = e('EAGAIN', 11, 'Resource temporarily unavailable');
export const ENOMEM = e('ENOMEM', 12, 'Cannot allocate memory');
export const EACCES = e('EACCES', 13, 'Permission denied');
export const EFAULT = e('EFAULT', 14, 'Bad address');
export const ENOTBLK = e('ENOTBLK', 15, 'Block device required');
export const EBUSY = e('EBUSY', 16, 'Device or resource busy');
export const EEXIST = e('EEXIST', 17, 'File exists');
export const EXDEV = e('EXDEV', 18, 'Invalid cross-device link');
export const ENODEV = e('ENODEV', 19, 'No such device');
export const ENOTDIR = e('ENOTDIR', 20, 'Not a directory');
export const EISDIR = e('EISDIR', 21, 'Is a directory');
export const EINVAL = e('EINVAL', 22, 'Invalid argument');
export const ENFILE = e('ENFILE', 23, 'Too many open files in system');
export const EMFILE = e('EMFILE', 24, 'Too many open files');
export const ENOTTY = e('ENOTTY', 25, 'Inappropriate ioctl for device');
export const ETXTBSY = e('ETXTBSY', 26, 'Text file busy');
export const EFBIG = e('EFBIG', 27, 'File too large');
export const ENOSPC = e('ENOSPC', 28, 'No space left on device');
export const ESPIPE = e('ESPIPE', 29, 'Illegal seek');
export const EROFS = e('EROFS', 30, 'Read-only file system');
export const EMLINK = e('EMLINK', 31, 'Too many links');
export const EPIPE = e('EPIPE', 32, 'Broken pipe');
export const EDOM = e('EDOM', 33, 'Numerical argument out of domain');
export const ERANGE = e('ERANGE', 34, 'Numerical result out of range');
export const EDEADLK = e('EDEADLK', 35, 'Resource deadlock avoided');
export const ENAMETOOLONG = e('ENAMETOOLONG', 36, 'File name too long');
export const ENOLCK = e('ENOLCK', 37, 'No locks available');
export const ENOSYS = e('ENOSYS', 38, 'Function not implemented');
export const ENOTEMPTY = e('ENOTEMPTY', 39, 'Directory not empty');
export const ELOOP = e('ELOOP', 40, 'Too many levels of symbolic links');
export const ENOMSG = e('ENOMSG', 42, 'No message of desired type');
export const EIDRM = e('EIDRM', 43, 'Identifier removed');
export const ECHRNG = e('ECHRNG', 44, 'Channel number out of range');
export const EL2NSYNC = e('EL2NSYNC', 45, 'Level 2 not synchronized');
export const EL3HLT = e('EL3HLT', 46, 'Level 3 halted');
export const EL3RST = e('EL3RST', 47, 'Level 3 reset');
export const ELNRNG = e('ELNRNG', 48, 'Link number out of range');
export const EUNATCH = e('EUNATCH', 49, 'Protocol driver not attached');
export const ENOCSI = e('ENOCSI', 50, 'No CSI structure available');
export const EL2HLT = e('EL2HLT', 51, 'Level 2 halted');
export const EBADE = e('EBADE', 52, 'Invalid exchange');
export const EBADR = e('EBADR', 53, 'Invalid request descriptor');
export const EXFULL = e('EXFULL', 54, 'Exchange full');
export const ENOANO = e('ENOANO', 55, 'No anode');
export const EBADRQC = e('EBADRQC', 56, 'Invalid request code');
export const EBADSLT = e('EBADSLT', 57, 'Invalid slot');
export const EBFONT = e('EBFONT', 59, 'Bad font file format');
export const ENOSTR = e('ENOSTR', 60, 'Device not a stream');
export const ENODATA = e('ENODATA', 61, 'No data available');
export const ETIME = e('ETIME', 62, 'Timer expired');
export const ENOSR = e('ENOSR', 63, 'Out of streams resources');
export const ENONET = e('ENONET', 64, 'Machine is not on the network');
export const ENOPKG = e('ENOPKG', 65, 'Package not installed');
export const EREMOTE = e('EREMOTE', 66, 'Object is remote');
export const ENOLINK = e('ENOLINK', 67, 'Link has been severed');
export const EADV = e('EADV', 68, 'Advertise error');
export const ESRMNT = e('ESRMNT', 69, 'Srmount error');
export const ECOMM = e('ECOMM', 70, 'Communication error on send');
export const EPROTO = e('EPROTO', 71, 'Protocol error');
export const EMULTIHOP = e('EMULTIHOP', 72, 'Multihop attempted');
export const EDOTDOT = e('EDOTDOT', 73, 'RFS specific error');
export const EBADMSG = e('EBADMSG', 74, 'Bad message');
export const EOVERFLOW = e('EOVERFLOW', 75, 'Value too large for defined data type');
export const ENOTUNIQ = e('ENOTUNIQ', 76, 'Name not unique on network');
export const EBADFD = e('EBADFD', 77, 'File descriptor in bad state');
export const EREMCHG = e('EREMCHG', 78, 'Remote address changed');
export const ELIBACC = e('ELIBACC', 79, 'Can not access a needed shared library');
export const ELIBBAD = e('ELIBBAD', 80, 'Accessing a corrupted shared library');
export const ELIBSCN = e('ELIBSCN', 81, '.lib section in a.out corrupted');
export const ELIBMAX = e('ELIBMAX', 82, 'Attempting to link in too many shared libraries');
export const ELIBEXEC = e('ELIBEXEC', 83, 'Cannot exec a shared library directly');
export const EILSEQ = e('EILSEQ', 84, 'Invalid or incomplete multibyte or wide character');
export const ERESTART = e('ERESTART', 85, 'Interrupted system call should be restarted');
export const ESTRPIPE = e('ESTRPIPE', 86, 'Streams pipe error');
export const EUSERS = e('EUSERS', 87, 'Too many users');
export const ENOTSOCK = e('ENOTSOCK', 88, 'Socket operation on non-socket');
export const EDESTADDRREQ = e('EDESTADDRREQ', 89, 'Destination address required');
export const EMSGSIZE = e('EMSGSIZE', 90, 'Message too long');
export const EPROTOTYPE = e('EPROTOTYPE', 91, 'Protocol wrong type for socket');
export const ENOPROTOOPT = e('ENOPROTOOPT', 92, 'Protocol not available');
export const EPROTONOSUPPORT = e('EPROTONOSUPPORT', 93, 'Protocol not supported');
export const ESOCKTNOSUPPORT = e('ESOCKTNOSUPPORT', 94, 'Socket type not supported');
export const EOPNOTSUPP = e('EOPNOTSUPP', 95, 'Operation not supported');
export const EPFNOSUPPORT = e('EPFNOSUPPORT', 96, 'Protocol family not supported');
export const EAFNOSUPPORT = e('EAFNOSUPPORT', 97, 'Address family not supported by protocol');
export const EADDRINUSE = e('EADDRINUSE', 98, 'Address already in use');
export const EADDRNOTAVAIL = e('EADDRNOTAVAIL', 99, 'Cannot assign requested address');
export const ENETDOWN = e('ENETDOWN', 100, 'Network is down');
export const ENETUNREACH = e('ENETUNREACH', 101, 'Network is unreachable');
export const ENETRESET = e('ENETRESET', 102, 'Network dropped connection on reset');
export const ECONNABORTED = e('ECONNABORTED', 103, 'Software caused connection abort');
export const ECONNRESET = e('ECONNRESET', 104, 'Connection reset by peer');
export const ENOBUFS = e('ENOBUFS', 105, 'No buffer space available');
export const EISCONN = e('EISCONN', 106, 'Transport endpoint is already connected');
export const ENOTCONN = e('ENOTCONN', 107, 'Transport endpoint is not connected');
export const ESHUTDOWN = e('ESHUTDOWN', 108, 'Cannot send after transport endpoint shutdown');
export const ETOOMANYREFS = e('ETOOMANYREFS', 109, 'Too many references: cannot splice');
export const ETIMEDOUT = e('ETIMEDOUT', 110, 'Connection timed out');
export const ECONNREFUSED = e('ECONNREFUSED', 111, 'Connection refused');
export const EHOSTDOWN = e('EHOSTDOWN', 112, 'Host is down');
export const EHOSTUNREACH = e('EHOSTUNREACH', 113, 'No route to host');
export const EALREADY = e('EALREADY', 114, 'Operation already in progress');
export const EINPROGRESS = e('EINPROGRESS', 115, 'Operation now in progress');
export const ESTALE = e('ESTALE', 116, 'Stale file handle');
export const EUCLEAN = e('EUCLEAN', 117, 'Structure needs cleaning');
export const ENOTNAM = e('ENOTNAM', 118, 'Not a XENIX named type file');
export const ENAVAIL = e('ENAVAIL', 119, 'No XENIX semaphores available');
export const EISNAM = e('EISNAM', 120, 'Is a named type file');
export const EREMOTEIO = e('EREMOTEIO', 121, 'Remote I/O error');
export const EDQUOT = e('EDQUOT', 122, 'Disk quota exceeded');
export const ENOMEDIUM = e('ENOMEDIUM', 123, 'No medium found');
export const EMEDIUMTYPE = e('EMEDIUMTYPE', 124, 'Wrong medium type');
export const ECANCELED = e('ECANCELED', 125, 'Operation canceled');
export const ENOKEY = e('ENOKEY', 126, 'Required key not available');
export const EKEYEXPIRED = e('EKEYEXPIRED', 127, 'Key has expired');
export const EKEYREVOKED = e('EKEYREVOKED', 128, 'Key has been revoked');
export const EKEYREJECTED = e('EKEYREJECTED', 129, 'Key was rejected by service');
export const EOWNERDEAD = e('EOWNERDEAD', 130, 'Owner died');
export const ENOTRECOVERABLE = e('ENOTRECOVERABLE', 131, 'State not recoverable');
export const ERFKILL = e('ERFKILL', 132, 'Operation not possible due to RF-kill');
export const EHWPOISON = e('EHWPOISON', 133, 'Memory page has hardware error');

// Kernel-internal (include/linux/errno.h): never reach the guest; the tracer shows them with these texts.
export const ERESTARTSYS = e('ERESTARTSYS', 512, 'To be restarted if SA_RESTART is set');
export const ERESTARTNOINTR = e('ERESTARTNOINTR', 513, 'To be restarted');
export const ERESTARTNOHAND = e('ERESTARTNOHAND', 514, 'To be restarted if no handler');
export const ERESTART_RESTARTBLOCK = e('ERESTART_RESTARTBLOCK', 516, 'Interrupted by signal');
