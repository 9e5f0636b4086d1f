//! An interpreter with its library: extension modules are programs' parts among data.

use crate::docker::docker;
use crate::example::Example;
use crate::scant::{everything_is_explained, scant};
use crate::tools::{require, require_ok};

/// Imports each extension module in a process of its own, so that none finds what another brought
/// in, and prints whether there are many and which fail.
const IMPORT_EACH: &str = r#"
import os, subprocess, sys
directory = next(path for path in sys.path if path.endswith("lib-dynload"))
names = sorted({file.split(".")[0] for file in os.listdir(directory)})
failed = [name for name in names if subprocess.call([sys.executable, "-c", "import " + name])]
print(len(names) > 30, failed)
"#;

#[test]
fn extension_modules_find_their_libraries() {
    require!(PYTHON);
    let example = Example::copy("python");
    let docker = require_ok!(docker());
    let build = "build python.yml -o docker-daemon:python:latest -o oci-archive:python.tar";
    scant(example.path(), build).env("DOCKER_HOST", docker.host()).ok();
    let python = |code: &str| {
        docker.run("run --rm --network none python:latest -c").arg(code).end().expect(0).stdout
    };
    let code = "import ssl, sqlite3, lzma, ctypes, hashlib, zlib, bz2, decimal, curses, readline; \
                print(sqlite3.connect(':memory:').execute('select 6 * 7').fetchone()[0])";
    assert_eq!(python(code), "42\n");
    assert_eq!(python(IMPORT_EACH), "True []\n");
}

#[test]
fn every_path_of_it_has_a_reason() {
    require!(PYTHON);
    let example = Example::copy("python");
    scant(example.path(), "build python.yml -o oci-archive:python.tar").ok();
    everything_is_explained(example.path(), "oci-archive:python.tar");
}
