//! Whose files are: the databases that a root file system may hold.

use std::collections::BTreeSet;

use scant_core::words::Input;
use scant_io::inputs::{DirectoryInput, Packages};

use crate::support::{path, tree};

#[test]
fn dpkg_and_apk_name_owners_also_by_paths_before_the_merged_usr() {
    let directory = tree(
        r#"
        /var/lib/dpkg/info/libc6:amd64.list  "/.\n/lib\n/lib/libc.so.6\n"
        /var/lib/dpkg/info/bash.list         "/.\n/bin\n/bin/bash\n/lib\n"
        /lib/apk/db/installed                "P:musl\nF:usr/lib\nR:libm.so\n"
        "#,
    );
    let input = DirectoryInput::open(directory.path(), Packages::default()).unwrap();
    let paths = ["/usr/lib/libc.so.6", "/bin/bash", "/usr/lib/libm.so", "/lib", "/etc/motd"];
    let found = input.packages(&paths.map(path).into_iter().collect::<BTreeSet<_>>());
    let shown: Vec<_> = found.iter().map(|(path, package)| format!("{path} {package}")).collect();
    assert_eq!(shown, ["/bin/bash bash", "/usr/lib/libc.so.6 libc6", "/usr/lib/libm.so musl"]);
}
