//! Which of the files with the right name glibc takes: what does not fit is passed over, and what
//! is damaged ends the program.

use crate::support::{Case, check};

/// `/a/libx.so` is what `content` says, and `/b/libx.so` a good library.
fn files(content: &str) -> String {
    format!(
        "/bin/app    elf x86_64 interp=/ld.so needed=libx.so runpath=/a:/b
         /a/libx.so  {content}
         /b/libx.so  elf x86_64"
    )
}

#[track_caller]
fn passed_over(content: &str, why: &str) {
    let files = files(content);
    check(&files, "/bin/app", "libx.so -> /b/libx.so (needed by /bin/app; RUNPATH /b)");
    check(
        &files.replace("/b/libx.so", "/else/libx.so"),
        "/bin/app",
        &format!(
            "libx.so MISSING (needed by /bin/app)
             tried /a/libx.so (RUNPATH /a){why}
             tried /b/libx.so (RUNPATH /b)
             tried /lib/libx.so (default /lib)
             tried /usr/lib/libx.so (default /usr/lib)"
        ),
    );
}

#[track_caller]
fn fatal(content: &str, why: &str) {
    check(
        &files(content),
        "/bin/app",
        &format!("libx.so MISSING (needed by /bin/app)\nstopped at /a/libx.so: {why}"),
    );
}

#[test]
fn a_file_of_another_class_is_passed_over() {
    passed_over("elf i386", ": wrong ELF class");
    passed_over(&format!("hex=7f454c4603{}", "00".repeat(59)), ": wrong ELF class");
}

#[test]
fn a_file_for_another_machine_is_passed_over() {
    passed_over("elf aarch64", ": made for another machine (e_machine 183)");
}

#[test]
fn a_link_that_leads_nowhere_is_passed_over() {
    passed_over("-> /nowhere", "");
}

#[test]
fn a_file_that_is_not_elf_is_fatal() {
    fatal(r#""/* GNU ld script */ GROUP ( libx.so.1 )""#, "not an ELF file");
}

#[test]
fn an_empty_or_short_file_is_fatal() {
    fatal(r#""""#, "the file is empty");
    fatal("elf x86_64 cut=40", "the file is too short to be ELF");
    fatal("elf i386 cut=40", "the file is too short to be ELF");
}

#[test]
fn a_directory_is_fatal() {
    let files = files("elf x86_64").replace("/a/libx.so  elf x86_64", "/a/libx.so/");
    check(
        &files,
        "/bin/app",
        "libx.so MISSING (needed by /bin/app)
         stopped at /a/libx.so: it is not a regular file but a directory",
    );
}

#[test]
fn a_fifo_is_not_waited_for() {
    let files = "/bin/app   elf x86_64 interp=/ld.so needed=libx.so
                 /lib/      mode=0755";
    Case::new(files, "/bin/app").special("/lib/libx.so", "a FIFO").check(
        "libx.so MISSING (needed by /bin/app)
         stopped at /lib/libx.so: it is not a regular file but a FIFO",
    );
}

#[test]
fn the_other_byte_order_in_the_same_class_is_fatal() {
    fatal("elf s390x", "ELF file data encoding of the other byte order");
}

#[test]
fn debian_s_loaders_pass_over_files_for_other_machines_whatever_their_headers() {
    for content in ["elf s390x", "elf aarch64 osabi=9", "elf aarch64 ident-padding=1"] {
        let loader = r#"/ld.so loader glibc x86_64 string="ld.so (Debian GLIBC 2.36-9)""#;
        check(
            &format!("{}\n{loader}", files(content)),
            "/bin/app",
            "libx.so -> /b/libx.so (needed by /bin/app; RUNPATH /b)",
        );
    }
    fatal("elf aarch64 osabi=9", "ELF file OS ABI invalid");
}

#[test]
fn an_os_abi_other_than_system_v_and_gnu_is_fatal() {
    fatal("elf x86_64 osabi=9", "ELF file OS ABI invalid");
    check(
        &files("elf x86_64 osabi=3"),
        "/bin/app",
        "libx.so -> /a/libx.so (needed by /bin/app; RUNPATH /a)",
    );
}

#[test]
fn only_gnu_has_abi_versions() {
    fatal("elf x86_64 abi-version=1", "ELF file ABI version invalid");
    fatal("elf x86_64 osabi=3 abi-version=4", "ELF file ABI version invalid");
    check(
        &files("elf x86_64 osabi=3 abi-version=1"),
        "/bin/app",
        "libx.so -> /a/libx.so (needed by /bin/app; RUNPATH /a)",
    );
}

#[test]
fn arm_has_os_abi_values_of_its_own() {
    check(
        "/lib/ld-linux-armhf.so.3  loader glibc arm
         /bin/app      elf arm interp=/lib/ld-linux-armhf.so.3 needed=libx.so
         /lib/libx.so  elf arm osabi=97",
        "/bin/app",
        "/lib/ld-linux-armhf.so.3 -> /lib/ld-linux-armhf.so.3 (interpreter of /bin/app)
         libx.so -> /lib/libx.so (needed by /bin/app; default /lib)",
    );
}

#[test]
fn padding_that_is_not_zero_is_fatal() {
    fatal("elf x86_64 ident-padding=1", "nonzero padding in e_ident");
}

#[test]
fn another_version_is_fatal() {
    fatal("elf x86_64 version=2", "ELF file version does not match current one");
}

#[test]
fn a_file_that_is_neither_program_nor_library_is_fatal() {
    fatal("elf x86_64 type=1", "only ET_DYN and ET_EXEC can be loaded");
    fatal("elf x86_64 type=4", "only ET_DYN and ET_EXEC can be loaded");
}

#[test]
fn program_headers_of_another_size_are_fatal() {
    fatal("elf x86_64 phentsize=32", "ELF file's phentsize not the expected size");
}

#[test]
fn the_machine_is_judged_before_type_and_program_headers() {
    passed_over("elf aarch64 type=1 phentsize=32", ": made for another machine (e_machine 183)");
}

#[test]
fn a_program_is_no_library() {
    fatal("elf x86_64 exec", "a program cannot be loaded as a library");
    fatal("elf x86_64 pie", "a program cannot be loaded as a library");
}

#[test]
fn a_library_without_a_dynamic_section_is_fatal() {
    fatal("elf x86_64 nodynamic", "it has no dynamic section");
}

#[test]
fn what_pt_interp_of_a_library_says_does_not_matter() {
    check(
        "/bin/app      elf x86_64 interp=/ld.so needed=libx.so
         /lib/libx.so  elf x86_64 interp=/none/ld.so exec type=3 unterminated-interp",
        "/bin/app",
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)",
    );
}

#[test]
fn riscv_files_of_another_float_abi_are_passed_over() {
    other_abi("riscv64", "/lib/ld-linux-riscv64-lp64d.so.1", 0x1);
}

#[test]
fn loongarch_files_of_another_float_abi_are_passed_over() {
    other_abi("loongarch64", "/lib64/ld-linux-loongarch-lp64d.so.1", 0x41);
}

#[test]
fn mips_files_with_another_meaning_of_nan_are_passed_over() {
    other_abi("mips", "/lib/ld.so.1", 0x7000_1407);
}

#[test]
fn mips_files_of_the_n32_abi_are_passed_over_by_o32() {
    other_abi("mips", "/lib/ld.so.1", 0x7000_1027);
}

#[test]
fn power_files_of_the_first_abi_are_passed_over_by_the_second() {
    other_abi("ppc64le", "/lib64/ld64.so.2", 1);
}

#[track_caller]
fn other_abi(machine: &str, loader: &str, flags: u32) {
    check(
        &format!(
            "{loader}    loader glibc {machine}
             /bin/app    elf {machine} interp={loader} needed=libx.so runpath=/a:/b
             /a/libx.so  elf {machine} flags={flags:#x}
             /b/libx.so  elf {machine}"
        ),
        "/bin/app",
        &format!(
            "{loader} -> {loader} (interpreter of /bin/app)
             libx.so -> /b/libx.so (needed by /bin/app; RUNPATH /b)"
        ),
    );
}
