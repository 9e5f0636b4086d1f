/* What a program of an image tries. Prints one line: `ok`, or the error's number. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int say(long result) {
    if (result < 0) printf("%s\n", strerrorname_np(errno));
    else printf("ok\n");
    return 0;
}

int main(int count, char **words) {
    char *what = words[1], *with = count > 2 ? words[2] : "";
    if (!strcmp(what, "exit")) return atoi(with);
    if (!strcmp(what, "raise")) { signal(atoi(with), SIG_DFL); raise(atoi(with)); return 1; }
    if (!strcmp(what, "sleep")) { sleep(atoi(with)); printf("slept\n"); return 0; }
    if (!strcmp(what, "read")) return say(open(with, O_RDONLY));
    /* Opened and not written to: the host this runs on is somebody's. */
    if (!strcmp(what, "write")) return say(open(with, O_WRONLY));
    if (!strcmp(what, "create")) return say(open(with, O_WRONLY | O_CREAT, 0600));
    if (!strcmp(what, "holds")) {
        /* How many bytes can be read, or how many names there are. */
        DIR *all = opendir(with);
        long count = 0;
        if (all) while (readdir(all)) count++;
        static char bytes[4096];
        int file = all ? -1 : open(with, O_RDONLY);
        if (!all && file < 0) return say(-1);
        if (all) count -= 2; else count = read(file, bytes, sizeof bytes);
        printf("%ld\n", count);
        return 0;
    }
    if (!strcmp(what, "fill")) {
        static char bytes[65536];
        int file = open(with, O_WRONLY | O_CREAT, 0600);
        if (file < 0) return say(-1);
        for (long i = 0; i < 1024; i++) if (write(file, bytes, sizeof bytes) < 0) return say(-1);
        printf("64 MiB\n");
        return 0;
    }
    if (!strcmp(what, "bomb")) {
        /* So many at most, whatever the limit is. Each ends with the sandbox. */
        for (int i = 0; i < 2000; i++) {
            int child = fork();
            if (child < 0) { printf("%s after %s\n", strerrorname_np(errno), i < 400 ? "few" : "many"); return 0; }
            if (!child) { setsid(); sleep(600); _exit(0); }
        }
        printf("2000\n");
        return 0;
    }
    if (!strcmp(what, "kill")) return say(kill(atoi(with), 0));
    if (!strcmp(what, "ptrace")) return say(ptrace(PTRACE_ATTACH, atoi(with), 0, 0));
    /* The mode that it has: nothing is changed where this is not refused. */
    if (!strcmp(what, "chmod")) return say(chmod(with, 0666));
    if (!strcmp(what, "mount")) return say(mount("x", "/tmp", "tmpfs", 0, ""));
    if (!strcmp(what, "remount")) return say(mount("", "/", "", MS_REMOUNT | MS_BIND, ""));
    if (!strcmp(what, "mknod")) return say(mknod("/tmp/device", S_IFBLK | 0600, (8 << 8)));
    if (!strcmp(what, "ids")) { printf("%d %d\n", getuid(), getgid()); return 0; }
    if (!strcmp(what, "connect")) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(with))};
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return say(connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&to, sizeof to));
    }
    if (!strcmp(what, "chroot")) {
        /* Out of a root by a second one, where the first was only a changed name. */
        mkdir("/tmp/in", 0700);
        if (chroot("/tmp/in") < 0) return say(-1);
        for (int i = 0; i < 64; i++) if (chdir("..") < 0) return say(-1);
        if (chroot(".") < 0) return say(-1);
        return say(open(with, O_RDONLY));
    }
    if (!strcmp(what, "nested")) {
        /* All rights again, in a namespace below: what is mounted over must stay so. */
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) { printf("refused\n"); return 0; }
        umount2(with, MNT_DETACH);
        mount("proc", "/tmp", "proc", 0, "");
        int file = open(with, O_WRONLY);
        if (file < 0) file = open("/tmp/sys/kernel/core_pattern", O_WRONLY);
        printf("%s\n", file < 0 ? "refused" : "ok");
        return 0;
    }
    if (!strcmp(what, "processes")) {
        DIR *all = opendir("/proc");
        int number = 0;
        for (struct dirent *one; (one = readdir(all));) number += atoi(one->d_name) > 0;
        printf("%d\n", number);
        return 0;
    }
    if (!strcmp(what, "orphans")) {
        for (int i = 0; i < 20; i++) if (!fork()) { setsid(); if (!fork()) sleep(600); _exit(0); }
        return 7;
    }
    return 99;
}
