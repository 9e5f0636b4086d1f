//! Every machine, class and byte order, with each loader.

use scant_testkit::Machine;

use crate::support::check;

#[test]
fn glibc_programs_of_every_machine_are_resolved() {
    for machine in Machine::ALL {
        let (name, loader) = (machine.name(), machine.glibc_loader());
        check(
            &format!(
                "{loader}      loader glibc {name} debian
                 /opt/bin/app  elf {name} interp={loader} needed=libx.so.1,libz.so.1 runpath=$ORIGIN/../$LIB verneed=libx.so.1:X_1,X_2
                 /opt/lib/{tuple}/libx.so.1  elf {name} soname=libx.so.1 verdef=X_1
                 /usr/lib/{tuple}/libz.so.1  elf {name}",
                tuple = machine.multiarch()
            ),
            "/opt/bin/app",
            &format!(
                "{loader} -> {loader} (interpreter of /opt/bin/app)
                 libx.so.1 -> /opt/bin/../lib/{tuple}/libx.so.1 (needed by /opt/bin/app; RUNPATH $ORIGIN/../$LIB)
                 libz.so.1 -> /usr/lib/{tuple}/libz.so.1 (needed by /opt/bin/app; default /usr/lib/{tuple})
                 VERSION X_2 of /opt/bin/../lib/{tuple}/libx.so.1 MISSING (wanted by /opt/bin/app)",
                tuple = machine.multiarch()
            ),
        );
    }
}

#[test]
fn musl_programs_of_every_machine_are_resolved() {
    for machine in Machine::ALL {
        let (name, loader) = (machine.name(), machine.musl_loader());
        check(
            &format!(
                "{loader}      loader musl {name}
                 /bin/app      elf {name} interp={loader} needed=libx.so,libc.so
                 /usr/local/lib/libx.so elf {name}"
            ),
            "/bin/app",
            &format!(
                "{loader} -> {loader} (interpreter of /bin/app)
                 libx.so -> /usr/local/lib/libx.so (needed by /bin/app; default /usr/local/lib)
                 libc.so -> {loader} (needed by /bin/app; the loader itself)"
            ),
        );
    }
}

#[test]
fn files_of_every_other_machine_are_not_taken() {
    let others = Machine::ALL.into_iter().filter(|machine| *machine != Machine::X86_64);
    let fits = |machine: &Machine| machine.is_64_bit() && machine.is_big_endian();
    for machine in others.filter(|machine| !fits(machine)) {
        check(
            &format!(
                "/bin/app    elf x86_64 interp=/ld.so needed=libx.so runpath=/a:/b
                 /a/libx.so  elf {}
                 /b/libx.so  elf x86_64",
                machine.name()
            ),
            "/bin/app",
            "libx.so -> /b/libx.so (needed by /bin/app; RUNPATH /b)",
        );
    }
}

#[test]
fn upstream_s_default_directories_of_every_machine() {
    for (machine, directory) in [
        ("i386", "lib"),
        ("x86_64", "lib64"),
        ("x32", "libx32"),
        ("aarch64", "lib64"),
        ("arm", "lib"),
        ("riscv64", "lib64/lp64d"),
        ("ppc64le", "lib64"),
        ("s390x", "lib64"),
        ("mips", "lib"),
        ("mips64el", "lib64"),
        ("loongarch64", "lib64"),
    ] {
        check(
            &format!(
                "/bin/app  elf {machine} interp=/none/ld.so needed=libx.so
                 /usr/{directory}/libx.so  elf {machine}"
            ),
            "/bin/app",
            &format!(
                "libx.so -> /usr/{directory}/libx.so (needed by /bin/app; default /usr/{directory})
                 /none/ld.so MISSING (interpreter of /bin/app)
                 tried /none/ld.so (path)"
            ),
        );
    }
}
