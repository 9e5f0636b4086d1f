//! Who asks: what files and helpers know of a registry.

use scant_core::formats::auth_file::{self, Credential};

use super::{Registries, RegistryError, helper};

/// A credential, and where it is from.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) credential: Credential,
    /// For people: `NAME, from FILE`.
    pub(super) shown: String,
}

/// The credential of a repository. A helper that is named for it goes before entries of the same
/// file, and an earlier file before a later one.
pub(super) fn find(
    registries: &Registries,
    registry: &str,
    repository: &str,
) -> Result<Option<Account>, RegistryError> {
    for (path, file) in &registries.auth_files {
        let server = auth_file::server(registry);
        let ask = |name: &str| helper::get(&registries.settings.programs, name, server, path);
        let place = path.display();
        if let Some(name) = file.helper(registry, repository) {
            if let Some(credential) = ask(name)? {
                let place = format!("`docker-credential-{name}` of `{place}`");
                return Ok(Some(account(credential, &place)));
            }
            continue;
        }
        if let Some(credential) = file.credential(registry, repository) {
            return Ok(Some(account(credential, &format!("`{place}`"))));
        }
        // A store is asked about all registries: that it is not installed may not matter.
        if let Some(name) = file.store().filter(|name| is_there(registries, name))
            && let Some(credential) = ask(name)?
        {
            let place = format!("`docker-credential-{name}` of `{place}`");
            return Ok(Some(account(credential, &place)));
        }
    }
    Ok(None)
}

fn is_there(registries: &Registries, name: &str) -> bool {
    helper::program(&registries.settings.programs, name).is_some()
}

fn account(credential: Credential, place: &str) -> Account {
    let shown = match &credential {
        Credential::Password { name, .. } => format!("`{name}` from {place}"),
        Credential::Identity(_) | Credential::Registry(_) => format!("a token from {place}"),
    };
    Account { credential, shown }
}
