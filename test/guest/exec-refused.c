// execve of what can't be run: each file made here from this program itself; what strings it takes; scripts to the last byte.
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "say.h"

static char *image;
static long size;
static void put(const char *name, const void *data, long n, int mode) {
  unlink(name);
  int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0755);
  write(fd, data, n);
  fchmod(fd, mode);
  close(fd);
}
static void run_as(const char *what, const char *path, char **argv) {
  printf("%s: ", what);
  pid_t p = fork();
  if (p == 0) {
    char *env[] = {"PATH=/bin", NULL};
    execve(path, argv, env);
    printf("%s\n", strerrorname_np(errno));
    _exit(99);
  }
  int st;
  waitpid(p, &st, 0);
  if (WIFSIGNALED(st)) printf("killed by %d\n", WTERMSIG(st));
  else if (WEXITSTATUS(st) != 99) printf("exit %d\n", WEXITSTATUS(st));
}
static char *args[] = {"name", "child", NULL};
static void elf(const char *what, void (*change)(Elf64_Ehdr *, Elf64_Phdr *), long length) {
  char *copy = malloc(size);
  memcpy(copy, image, size);
  Elf64_Ehdr *h = (void *)copy;
  if (change) change(h, (void *)(copy + h->e_phoff));
  put("elf", copy, length ? length : size, 0755);
  run_as(what, "./elf", args);
  free(copy);
}
#define PHDR(type_) Elf64_Phdr *s = p; while (s->p_type != type_) s++
static void bad_magic(Elf64_Ehdr *h, Elf64_Phdr *p) { h->e_ident[1] = 'X'; }
static void class32(Elf64_Ehdr *h, Elf64_Phdr *p) { h->e_ident[EI_CLASS] = 1; }
static void big_endian(Elf64_Ehdr *h, Elf64_Phdr *p) { h->e_ident[EI_DATA] = 2; }
static void arm(Elf64_Ehdr *h, Elf64_Phdr *p) { h->e_machine = EM_AARCH64; }
static void relocatable(Elf64_Ehdr *h, Elf64_Phdr *p) { h->e_type = ET_REL; }
static void core(Elf64_Ehdr *h, Elf64_Phdr *p) { h->e_type = ET_CORE; }
static void phsize(Elf64_Ehdr *h, Elf64_Phdr *p) { h->e_phentsize = 32; }
static void nophdr(Elf64_Ehdr *h, Elf64_Phdr *p) { h->e_phnum = 0; }
static void many(Elf64_Ehdr *h, Elf64_Phdr *p) { h->e_phnum = 2000; }
static void far(Elf64_Ehdr *h, Elf64_Phdr *p) { h->e_phoff = 1 << 30; }
static void no_interp(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_INTERP); strcpy((char *)h + s->p_offset, "/no/such"); }
static void interp_text(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_INTERP); strcpy((char *)h + s->p_offset, "./text"); }
static void interp_short(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_INTERP); strcpy((char *)h + s->p_offset, "./small"); }
static void interp_dir(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_INTERP); strcpy((char *)h + s->p_offset, "/bin/"); }
static void interp_empty(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_INTERP); s->p_filesz = 1; }
static void interp_huge(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_INTERP); s->p_filesz = 5000; }
static void interp_open(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_INTERP); s->p_filesz--; }
static void interp_far(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_INTERP); s->p_offset = 1 << 30; }
static void no_load(Elf64_Ehdr *h, Elf64_Phdr *p) { for (int i = 0; i < h->e_phnum; i++) if (p[i].p_type == PT_LOAD) p[i].p_type = PT_NULL; }
static void skewed(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_LOAD); s[1].p_offset += 16; }
static void over(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_LOAD); s->p_filesz = s->p_memsz + 1; }
static void huge(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_LOAD); s[3].p_memsz = 1UL << 47; }
static void far_entry(Elf64_Ehdr *h, Elf64_Phdr *p) { PHDR(PT_INTERP); s->p_type = PT_NULL; h->e_entry = 1UL << 46; }
static void script(const char *what, const char *line, int n) {
  put("script", line, n ? n : strlen(line), 0755);
  char *a[] = {"zero", "one", NULL};
  run_as(what, "./script", a);
}
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "child")) return 42;
  if (argc > 1 && !strcmp(argv[1], "show")) {
    for (int i = 0; i < argc; i++) printf("[%s]", argv[i]);
    char name[16];
    prctl(PR_GET_NAME, name);
    printf(" %s\n", name);
    return 0;
  }
  if (argc > 1 && strstr(argv[0], "show")) {
    for (int i = 0; i < argc; i++) printf("[%s]", argv[i]);
    printf("\n");
    return 0;
  }
  setvbuf(stdout, NULL, _IONBF, 0);
  int fd = open("/proc/self/exe", O_RDONLY);
  size = lseek(fd, 0, SEEK_END);
  image = mmap(0, size, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  put("text", "just text\n", 10, 0755);
  put("small", "\177ELF", 4, 0755);
  mkdir("directory", 0755);
  put("plain", image, size, 0644);
  symlink("loop", "loop");
  symlink("/proc/self/exe", "self");
  mkfifo("fifo", 0777);
  puts("# paths");
  run_as("missing", "./missing", args);
  run_as("empty", "", args);
  run_as("directory", "./directory", args);
  run_as("not executable", "./plain", args);
  run_as("fifo", "./fifo", args);
  run_as("loop", "./loop", args);
  run_as("below a file", "./text/x", args);
  run_as("text", "./text", args);
  run_as("small", "./small", args);
  run_as("empty file", (put("empty", "", 0, 0755), "./empty"), args);
  run_as("bad pointer", (char *)8, args);
  run_as("bad argv", "./elf0", (char **)8);
  put("elf0", image, size, 0755);
  run_as("bad argv", "./elf0", (char **)8);
  char *bad[] = {"x", (char *)8, NULL};
  run_as("bad string", "./elf0", bad);
  int busy = open("elf0", O_WRONLY);
  run_as("open for writing", "./elf0", args);
  close(busy);
  run_as("as it is", "./elf0", args);

  puts("# ELF");
  elf("whole", NULL, 0);
  elf("magic", bad_magic, 0);
  elf("machine", arm, 0);
  elf("relocatable", relocatable, 0);
  elf("core", core, 0);
  elf("size of program headers", phsize, 0);
  elf("no program headers", nophdr, 0);
  elf("too many", many, 0);
  elf("beyond the file", far, 0);
  elf("cut in the header", NULL, 40);
  elf("cut in the program headers", NULL, 100);
  elf("interpreter missing", no_interp, 0);
  elf("interpreter a text", interp_text, 0);
  elf("interpreter short", interp_short, 0);
  elf("interpreter a directory", interp_dir, 0);
  elf("interpreter's name empty", interp_empty, 0);
  elf("interpreter's name long", interp_huge, 0);
  elf("interpreter's name open", interp_open, 0);
  elf("interpreter's name beyond the file", interp_far, 0);
  elf("nothing to load", no_load, 0);
  elf("more in the file than in memory", over, 0);
  elf("larger than memory", huge, 0);
  elf("entry nowhere", far_entry, 0);
  elf("cut in the middle", NULL, 4096);

  puts("# scripts");
  put("show", image, size, 0755);
  script("plain", "#!./show\n", 0);
  script("argument", "#!./show a b  c \t\n", 0);
  script("spaces", "#! \t ./show\t x\n", 0);
  script("no newline", "#!./show a ", 0);
  script("zero in it", "#!./show\0b\n", 11);
  script("zero behind the argument", "#!./show a\0b\n", 13);
  script("nothing", "#!\n", 0);
  script("spaces only", "#!   \n", 0);
  script("no newline, nothing", "#!", 0);
  script("missing interpreter", "#!/no/such x\n", 0);
  script("a directory", "#!/bin\n", 0);
  char longest[400];
  memset(longest, 0, sizeof longest);
  strcpy(longest, "#!./show ");
  memset(longest + 9, 'a', 300);
  script("long argument", longest, 309);
  strcpy(longest, "#!/");
  memset(longest + 3, 'a', 300);
  script("name longer than the head", longest, 303);
  memset(longest + 2, ' ', 300);
  script("spaces longer than the head", longest, 302);
  script("next script", "#!./script2 two\n", 0);
  put("script2", "#!./show one\n", 13, 0755);
  script("script of a script", "#!./script2 two\n", 0);
  for (int i = 1; i < 7; i++) {
    char name[20], text[40];
    sprintf(name, "chain%d", i);
    sprintf(text, i == 6 ? "#!./show\n" : "#!./chain%d\n", i + 1);
    put(name, text, strlen(text), 0755);
  }
  run_as("six deep", "./chain1", args);
  run_as("five deep", "./chain2", args);

  puts("# strings");
  char *big = malloc(300000);
  memset(big, 'x', 299999);
  big[131071] = 0;
  char *one[] = {"x", "child", big, NULL};
  run_as("longest argument", "./elf0", one);
  big[131071] = 'x';
  big[131072] = 0;
  run_as("one byte more", "./elf0", one);
  big[100000] = 0;
  char *lots[60];
  for (int i = 0; i < 59; i++) lots[i] = big;
  lots[1] = "child";
  lots[59] = NULL;
  lots[22] = NULL;
  run_as("two million bytes", "./elf0", lots);
  lots[22] = big;
  run_as("six million bytes", "./elf0", lots);
  struct rlimit l = {1 << 20, RLIM_INFINITY};
  setrlimit(RLIMIT_STACK, &l);
  lots[4] = NULL;
  run_as("a quarter of the stack", "./elf0", lots);
  lots[3] = NULL;
  run_as("less than that", "./elf0", lots);

  puts("# execveat");
  int dir = open(".", O_RDONLY | O_DIRECTORY), prog = open("elf0", O_RDONLY | O_CLOEXEC), sc = open("script", O_RDONLY | O_CLOEXEC), keep = open("script", O_RDONLY);
  char *env[] = {NULL}, *show[] = {"x", "show", NULL};
  put("script", "#!./show one\n", 13, 0755);
#define AT(what, ...) if (fork() == 0) { printf("%s: ", what); SAY(syscall(SYS_execveat, __VA_ARGS__)); _exit(1); } wait(NULL)
  AT("below a directory", dir, "elf0", show, env, 0);
  AT("descriptor", prog, "", show, env, AT_EMPTY_PATH);
  AT("no flag", prog, "", show, env, 0);
  AT("flags", prog, "", show, env, 1);
  AT("no descriptor", 99, "elf0", show, env, 0);
  AT("not a directory", prog, "elf0", show, env, 0);
  AT("link", dir, "self", show, env, AT_SYMLINK_NOFOLLOW);
  AT("script that will be closed", sc, "", show, env, AT_EMPTY_PATH);
  AT("script that stays", keep, "", show, env, AT_EMPTY_PATH);
  return 0;
}
