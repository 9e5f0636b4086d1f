//! `/etc/ld.so.cache` as glibc's loader uses it.

use scant_testkit::Machine;

use crate::support::check;

/// A program that needs `libx.so`, which lies in `/c` and is known to this cache.
#[track_caller]
fn with_cache(cache: &str, expected: &str) {
    check(
        &format!(
            "/bin/app          elf x86_64 interp=/ld.so needed=libx.so
             /c/libx.so        elf x86_64
             /d/libx.so        elf x86_64
             /etc/ld.so.cache  {cache}"
        ),
        "/bin/app",
        expected,
    );
}

const FOUND: &str = "libx.so -> /c/libx.so (needed by /bin/app; cache)";

const MISSING: &str = "libx.so MISSING (needed by /bin/app)
    tried /lib/libx.so (default /lib)
    tried /usr/lib/libx.so (default /usr/lib)";

#[test]
fn all_three_formats_are_read() {
    for format in ["new", "old", "compat"] {
        let cache = format!("cache {format} x86_64 liba.so=>/c/liba.so libx.so=>/c/libx.so");
        with_cache(&cache, FOUND);
    }
}

#[test]
fn a_compat_cache_may_have_an_odd_or_even_number_of_entries() {
    with_cache("cache compat x86_64 libx.so=>/c/libx.so", FOUND);
    with_cache("cache compat x86_64 libx.so=>/c/libx.so liby.so=>/c/liby.so", FOUND);
}

#[test]
fn every_machine_reads_its_own_entries() {
    for machine in Machine::ALL {
        let (name, loader) = (machine.name(), machine.glibc_loader());
        for format in ["new", "old", "compat"] {
            check(
                &format!(
                    "{loader}          loader glibc {name}
                     /bin/app          elf {name} interp={loader} needed=libx.so
                     /c/libx.so        elf {name}
                     /etc/ld.so.cache  cache {format} {name} libx.so=>/c/libx.so"
                ),
                "/bin/app",
                &format!("{loader} -> {loader} (interpreter of /bin/app)\n{FOUND}"),
            );
        }
    }
}

#[test]
fn entries_for_other_loaders_are_passed_over() {
    // x32 and aarch64 first, then i386 (3) and x86-64.
    with_cache(
        "cache new x86_64 flags=0x803 libx.so=>/d/libx.so flags=0x303 libx.so=>/c/libx.so",
        FOUND,
    );
    with_cache("cache new x86_64 flags=3 libx.so=>/c/libx.so", MISSING);
}

#[test]
fn an_entry_of_the_loader_s_own_type_beats_one_it_also_accepts() {
    let loader = "/lib/ld-linux-armhf.so.3";
    check(
        &format!(
            "{loader}          loader glibc arm
             /bin/app          elf arm interp={loader} needed=libx.so,liby.so
             /c/libx.so        elf arm
             /d/libx.so        elf arm
             /d/liby.so        elf arm
             /etc/ld.so.cache  cache new arm flags=3 libx.so=>/d/libx.so liby.so=>/d/liby.so flags=0x903 libx.so=>/c/libx.so"
        ),
        "/bin/app",
        &format!(
            "{loader} -> {loader} (interpreter of /bin/app)
             libx.so -> /c/libx.so (needed by /bin/app; cache)
             liby.so -> /d/liby.so (needed by /bin/app; cache)"
        ),
    );
}

#[test]
fn the_loader_knows_the_float_abi_where_the_program_does_not_say() {
    let loader = "/lib/ld-linux-armhf.so.3";
    check(
        &format!(
            "{loader}          loader glibc arm
             /bin/app          elf arm flags=0x5000000 interp={loader} needed=libx.so
             /c/libx.so        elf arm
             /etc/ld.so.cache  cache new arm flags=0x903 libx.so=>/c/libx.so"
        ),
        "/bin/app",
        &format!(
            "{loader} -> {loader} (interpreter of /bin/app)
             libx.so -> /c/libx.so (needed by /bin/app; cache)"
        ),
    );
}

#[test]
fn an_entry_whose_file_is_gone_falls_through() {
    check(
        "/bin/app          elf x86_64 interp=/ld.so needed=libx.so,liby.so
         /etc/ld.so.cache  cache new x86_64 libx.so=>/gone/libx.so liby.so=>/gone/liby.so
         /usr/lib/libx.so  elf x86_64",
        "/bin/app",
        "libx.so -> /usr/lib/libx.so (needed by /bin/app; default /usr/lib)
         liby.so MISSING (needed by /bin/app)
         tried /gone/liby.so (cache)
         tried /lib/liby.so (default /lib)
         tried /usr/lib/liby.so (default /usr/lib)",
    );
}

#[test]
fn an_entry_whose_file_is_for_another_machine_falls_through() {
    check(
        "/bin/app          elf x86_64 interp=/ld.so needed=libx.so
         /etc/ld.so.cache  cache new x86_64 libx.so=>/c/libx.so
         /c/libx.so        elf aarch64
         /usr/lib/libx.so  elf x86_64",
        "/bin/app",
        "libx.so -> /usr/lib/libx.so (needed by /bin/app; default /usr/lib)",
    );
}

#[test]
fn the_cache_decides_even_where_a_default_directory_has_the_name() {
    check(
        "/bin/app          elf x86_64 interp=/ld.so needed=libx.so
         /etc/ld.so.cache  cache new x86_64 libx.so=>/c/libx.so
         /c/libx.so        elf x86_64
         /lib/libx.so      elf x86_64",
        "/bin/app",
        FOUND,
    );
}

#[test]
fn ld_so_conf_is_never_read() {
    check(
        r#"/bin/app         elf x86_64 interp=/ld.so needed=libx.so
           /etc/ld.so.conf  "/c\n"
           /c/libx.so       elf x86_64"#,
        "/bin/app",
        MISSING,
    );
}

#[test]
fn the_place_of_the_cache_is_read_from_the_loader() {
    check(
        "/ld.so             loader glibc x86_64 cache=/var/cache/ldconfig/ld.so.cache
         /bin/app           elf x86_64 interp=/ld.so needed=libx.so
         /c/libx.so         elf x86_64
         /d/libx.so         elf x86_64
         /etc/ld.so.cache   cache new x86_64 libx.so=>/d/libx.so
         /var/cache/ldconfig/ld.so.cache cache new x86_64 libx.so=>/c/libx.so",
        "/bin/app",
        FOUND,
    );
}

#[test]
fn a_cache_that_ends_inside_its_entries_is_ignored() {
    with_cache("cache new x86_64 libx.so=>/c/libx.so cut=60", MISSING);
    with_cache("cache old x86_64 libx.so=>/c/libx.so cut=20", MISSING);
    with_cache("cache new x86_64 libx.so=>/c/libx.so cut=0", MISSING);
    with_cache(r#""no cache""#, MISSING);
}

#[test]
fn an_entry_whose_strings_are_cut_off_is_passed_over() {
    // 48 bytes of header, 24 an entry; the strings of libx.so come before those of liba.so.
    with_cache("cache new x86_64 liba.so=>/c/liba.so libx.so=>/c/libx.so cut=116", FOUND);
    with_cache("cache new x86_64 libx.so=>/c/libx.so libz.so=>/c/libz.so cut=117", MISSING);
}

#[test]
fn a_cache_for_the_other_byte_order_is_ignored() {
    with_cache("cache new s390x flags=0x303 libx.so=>/c/libx.so", MISSING);
}

#[test]
fn numbers_in_names_are_compared_by_value() {
    check(
        "/bin/app          elf x86_64 interp=/ld.so needed=libx.so.9,libx.so.10
         /etc/ld.so.cache  cache new x86_64 libx.so.9=>/c/libx.so.9 libx.so.10=>/c/libx.so.10 libx.so.1=>/c/x
         /c/libx.so.9      elf x86_64
         /c/libx.so.10     elf x86_64",
        "/bin/app",
        "libx.so.9 -> /c/libx.so.9 (needed by /bin/app; cache)
         libx.so.10 -> /c/libx.so.10 (needed by /bin/app; cache)",
    );
}
