//! Kinds of programs: static ones, those of other C libraries, those of 32 bits.

use crate::support::{Place, START, present, skip};

const LOOKS: &str = "#include <unistd.h>\nint main() { access(\"name\", 0); return 0; }\n";

#[track_caller]
fn check_kind(compiler: &str, options: &[&str]) {
    let Some(place) = Place::new() else { return };
    let Some(program) = place.compile_as(compiler, "program", LOOKS, options) else {
        return skip(&format!("{compiler} {options:?} has no library here"));
    };
    let run = place.run(&program);
    assert_eq!(run.ended_well().asked(), [START, "Look name in .: error 2"]);
}

#[test]
fn static_programs() {
    check_kind("gcc", &["-static"]);
}

#[test]
fn programs_of_musl() {
    if present("musl-gcc", "musl-tools") {
        check_kind("musl-gcc", &[]);
        check_kind("musl-gcc", &["-static"]);
    }
}

/// By `int 0x80` alone, so that no library of 32 bits is needed.
#[test]
#[cfg(target_arch = "x86_64")]
fn programs_of_32_bits() {
    let Some(place) = Place::new() else { return };
    let source = r#"
        static int call(int n, int a, int b, int c, int d) {
            int r;
            __asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c), "S"(d)
                             : "memory");
            return r;
        }
        static char *again[] = {"a", "b", 0};
        void _start() {
            struct { unsigned short family; char name[12]; } socket = {1, "socket"};
            int arguments[3] = {0, (int)&socket, sizeof socket};
            int pair[3] = {1, 1, 0};
            call(5, (int)"open", 0, 0, 0);
            call(295, -100, (int)"openat", 0, 0);
            call(195, (int)"stat64", 0, 0, 0);
            call(300, -100, (int)"fstatat64", 0, 0x100);
            call(33, (int)"access", 0, 0, 0);
            call(8, (int)"creat", 0644, 0, 0);
            arguments[0] = call(102, 1, (int)pair, 0, 0);
            call(102, 3, (int)arguments, 0, 0);
            int file = call(5, (int)"program", 0, 0, 0);
            int map[6] = {0, 4096, 5, 2, file, 0};
            call(90, (int)map, 0, 0, 0);
            call(11, (int)"missing", (int)again, 0, 0);
            call(1, 0, 0, 0, 0);
        }"#;
    let options = [
        "-m32",
        "-nostdlib",
        "-static",
        "-fno-pie",
        "-no-pie",
        "-O0",
        "-w",
        "-fno-stack-protector",
    ];
    let Some(program) = place.compile_as("gcc", "program", source, &options) else {
        return skip("gcc -m32 does not work here");
    };
    let run = place.run(&program);
    if run.exit.is_err() {
        return skip("the kernel runs no programs of 32 bits");
    }
    let expected = [
        START,
        "Open open in .: error 2",
        "Open openat in .: error 2",
        "Look stat64 in .: error 2",
        "Look fstatat64 in . keep: error 2",
        "Look access in .: error 2",
        "Write creat in .: done",
        "Connect socket in .: error 2",
        "Open program in .: done",
        "Map - in ./program: done",
        "Execute[a b] missing in .: error 2",
    ];
    assert_eq!(run.ended_well().asked(), expected);
}

/// A program of 64 bits may ask by the numbers of 32.
#[test]
#[cfg(target_arch = "x86_64")]
fn calls_of_32_bits_in_a_program_of_64() {
    let Some(place) = Place::new() else { return };
    let program = place.compile(
        r#"
        char *low = mmap(0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        strcpy(low, "low");
        long result;
        __asm__ volatile("int $0x80" : "=a"(result)
                         : "a"(33), "b"(low), "c"(0) : "memory");
        "#,
    );
    let run = place.run(&program);
    assert_eq!(run.ended_well().asked(), [START, "Look low in .: error 2"]);
}
