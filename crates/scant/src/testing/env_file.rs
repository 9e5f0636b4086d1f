//! Files of variables, as `docker run --env-file` and the libraries that read `.env` take them: one
//! `NAME=value` a line, comments, quotes around a whole value.

use std::path::Path;

use super::Suite;
use crate::exit::Failure;
use crate::surroundings::Surroundings;

/// A larger one is not read.
const LARGEST: usize = 1 << 20;

/// The variables in a file, which is named from the current directory or from that of the tests.
pub(super) fn read(
    name: &str,
    suite: &Suite,
    surroundings: &Surroundings,
) -> Result<Vec<(String, String)>, Failure> {
    let here = surroundings.directory.join(name);
    let path = if here.is_file() { here } else { suite.directory.join(name) };
    let failed = |why: &dyn std::fmt::Display| {
        let text =
            format!("the variables in `{}` cannot be read: {why}", Path::new(name).display());
        Failure::usage(text).hint(format_args!("`{}` names them as `envFile`", suite.name))
    };
    if !path.is_file() {
        return Err(failed(&"there is no such file"));
    }
    let bytes = std::fs::read(&path).map_err(|error| failed(&error))?;
    if bytes.len() > LARGEST {
        return Err(failed(&"it is too large"));
    }
    let text = String::from_utf8(bytes).map_err(|_| failed(&"it is not UTF-8"))?;
    Ok(text.lines().filter_map(variable).collect())
}

/// The variable of a line. One without a value is not set.
fn variable(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
    let (name, value) = (name.trim_end(), value.trim());
    let quoted = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
    let is_set = !name.is_empty() && !value.is_empty() && !line.contains('\0');
    is_set.then(|| (name.into(), value.into()))
}

#[cfg(test)]
mod tests {
    use super::variable;

    #[test]
    fn lines_of_a_file_of_variables() {
        let case = |line: &str, expected: Option<(&str, &str)>| {
            let found = variable(line);
            let found = found.as_ref().map(|(name, value)| (&**name, &**value));
            assert_eq!(found, expected, "{line}");
        };
        case("A=b", Some(("A", "b")));
        case("  export A = 'b c' ", Some(("A", "b c")));
        case("A=\"b=c\"", Some(("A", "b=c")));
        case("# A=b", None);
        case("A=", None);
        case("A", None);
        case("", None);
    }
}
