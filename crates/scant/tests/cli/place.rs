//! A directory of its own for each test, with a root file system in `root/` and manifests.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use scant_testkit::listing::Listing;
use tempfile::TempDir;

/// A small root file system: one program with its loader and two libraries.
pub(crate) const ROOT: &str = r##"
/lib                             -> usr/lib
/lib64                           -> usr/lib64
/usr/lib64/ld-linux-x86-64.so.2  loader glibc x86_64 dirs=/lib64/,/usr/lib64/ soname=ld-linux-x86-64.so.2
/usr/lib64/libc.so.6             elf x86_64 soname=libc.so.6
/usr/lib64/libz.so.1             -> libz.so.1.3
/usr/lib64/libz.so.1.3           elf x86_64 soname=libz.so.1 needed=libc.so.6
/usr/bin/app                     elf x86_64 interp=/lib64/ld-linux-x86-64.so.2 needed=libz.so.1,libc.so.6
/usr/bin/broken                  elf x86_64 interp=/lib64/ld-linux-x86-64.so.2 needed=libgone.so.2 runpath=$ORIGIN/../app
/usr/bin/static                  elf x86_64 static
/usr/bin/script                  mode=0755 "#!/usr/bin/app -f\n"
/etc/app.conf                    "listen 80\n"
"##;

/// A manifest for the program of [`ROOT`].
pub(crate) const MANIFEST: &str = "\
inputs:
  ROOT: {backend: sysroot, path: root}
binaries:
  - from: ROOT/usr/bin/app
    why: serves the site
data:
  - ROOT/etc/app.conf
image:
  entrypoint: [/usr/bin/app]
";

/// A directory with a root and manifests.
pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    /// A place whose `root` is what `listing` lists.
    #[track_caller]
    pub(crate) fn new(listing: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Listing::new(listing).write_to(directory.path().join("root"));
        Self { directory }
    }

    /// [`ROOT`] and [`MANIFEST`], the latter as `app.yaml`.
    pub(crate) fn with_app() -> Self {
        Self::new(ROOT).file("app.yaml", MANIFEST)
    }

    /// Adds a file.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path().join(name), text).unwrap();
        self
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// scant in this directory, without what the test's own environment would change: no
    /// user, and so no cache.
    pub(crate) fn scant<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        self.program(env!("CARGO_BIN_EXE_scant"), args)
    }

    /// Any program, likewise.
    pub(crate) fn program<'a>(
        &self,
        program: &str,
        args: impl IntoIterator<Item = &'a str>,
    ) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        for variable in [
            "SOURCE_DATE_EPOCH",
            "NO_COLOR",
            "DOCKER_HOST",
            "COLUMNS",
            "HOME",
            "XDG_CACHE_HOME",
            "CI",
        ] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs a command line whose words are separated by blanks.
    #[track_caller]
    pub(crate) fn run(&self, line: &str) -> Output {
        self.scant(line.split_whitespace()).output().unwrap()
    }

    /// What a person sees of a command: how it ended and what it wrote where. Digests and the
    /// place's own path, which is another each time, are named instead of shown.
    #[track_caller]
    pub(crate) fn seen(&self, output: &Output) -> String {
        let mut seen = format!("exit {}\n", output.status.code().unwrap());
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !bytes.is_empty() {
                let text = str::from_utf8(bytes).unwrap();
                seen += &format!("--- {name}\n{}", self.redacted(text));
            }
        }
        seen
    }

    fn redacted(&self, text: &str) -> String {
        let text = text.replace(self.path().to_str().unwrap(), "[PLACE]");
        let text = without_random(&text);
        let mut parts = text.split("sha256:");
        let mut redacted = parts.next().unwrap_or_default().to_string();
        for part in parts {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
            redacted += &format!("sha256:[DIGEST]{rest}");
        }
        redacted
    }
}

/// Names of unfinished directories end in six random characters.
fn without_random(text: &str) -> String {
    let mut parts = text.split(".scant-unfinished-");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |text, part| text + ".scant-unfinished-[RANDOM]" + &part[6..])
}
