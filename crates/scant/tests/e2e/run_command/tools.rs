//! Tools that an image does not have, for one run.

use std::fs;
use std::os::unix::fs::symlink;

use super::place::{Place, Who, sandbox};
use crate::tools::{require, require_ok};

const TOOLS: &str = "\
inputs: {HOST: {backend: host}}
binaries: [HOST/usr/bin/busybox:/bin/busybox]
symlinks: [{target: busybox, link: /bin/wc}]
";

const NOTE: &str = "\
note: for this run alone, the tools are in /.debug of oci:image. With an image TOOLS of them, the \
same for one that runs elsewhere:
  docker run --rm -it --pid container:NAME --network container:NAME --cap-add SYS_PTRACE TOOLS sh
  kubectl debug -it POD --image TOOLS --target CONTAINER -- sh
Its files are in /proc/1/root there.
";

#[test]
fn tools_of_a_manifest_or_a_directory_are_found_last_and_cannot_be_changed() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    place.write("tools.yaml", TOOLS);
    let directory = place.path().join("tools");
    fs::create_dir(&directory).expect("the directory is ours");
    fs::copy("/usr/bin/busybox", directory.join("busybox")).expect("the directory is ours");
    symlink("busybox", directory.join("wc")).expect("the directory is ours");
    let case = |options: &str, found: &str| {
        for who in [Who::Tester, Who::Nobody] {
            let ran = place.script(
                who,
                options,
                "echo abc | $(busybox which wc) -c; busybox which wc busybox; echo x 2>/dev/null > /.debug/x || echo refused",
            );
            let ran = ran.expect(0);
            assert_eq!(ran.stdout, format!("4\n{found}\n/bin/busybox\nrefused\n"));
            assert_eq!(ran.stderr, NOTE);
        }
    };
    case("--debug-tools tools.yaml", "/.debug/bin/wc");
    case("--debug-tools tools", "/.debug/wc");
    // The image has none of it.
    place.script(Who::Tester, "", "busybox which wc").expect(1);
    place.script(Who::Tester, "", "test -e /.debug").expect(1);
}
