//! zoo.cfg's keys about who clients are, read into an [`Authentication`].
//!
//! Invariant: what would leave a client less checked than the file asks for is an error with a
//! sentence, never passed over.

use super::digest_md5::Users;
use super::jaas::Module;
use super::{Algorithm, Authentication, Digest, jaas};
use crate::findings::Findings;
use std::sync::Arc;
use vivarium_protocol::base::AclRules;
use vivarium_protocol::zoo_cfg::{ConfigError, ConfigWarning, ZooCfg};

pub(super) const JAAS: &str = "java.security.auth.login.config";
const DIGEST_ALGORITHM: &str = "DigestAuthenticationProvider.digestAlg";
const OLD_ENFORCE: &str = "sessionRequireClientSASLAuth";
const ENFORCE: &str = "enforce.auth.enabled";
const ENFORCED: &str = "enforce.auth.schemes";
const PROVIDERS: &str = "org.apache.zookeeper.server.auth.";

/// Everything that zoo.cfg says of who clients are.
#[derive(Clone, Debug)]
pub struct Identities {
    /// How they are found out.
    pub authentication: Authentication,
    /// What access control lists may say.
    pub rules: AclRules,
    /// What works, but hardly as it was meant.
    pub warnings: Vec<ConfigWarning>,
}

impl Identities {
    /// Reads the settings; `tls` says whether clients can come by TLS, and `read` gets the text of
    /// the file of logins.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn from(
        cfg: &ZooCfg,
        tls: bool,
        read: impl FnOnce(&str) -> std::io::Result<String>,
    ) -> Result<Identities, Vec<ConfigError>> {
        let mut found = Findings::of(cfg);
        let schemes = schemes(&mut found, tls);
        let users = users(&mut found, &schemes, read);
        let enforced = enforced(&mut found, &schemes);
        let digest = cfg.digest_auth_enabled.then(|| Digest {
            algorithm: algorithm(&mut found),
            super_digest: cfg.super_digest.clone(),
        });
        warn_of_what_is_read_by_nothing(&mut found);
        let text = |key: &str| found.text(key).map(str::to_owned);
        let has = |scheme: &str| schemes.contains(&scheme);
        let authentication = Authentication {
            digest,
            ensembles: has("ensemble").then(|| found.list("ensembleAuthName")),
            users,
            super_users: cfg
                .settings
                .iter()
                .filter(|(key, _)| *key == "superUser" || key.starts_with("superUser."))
                .map(|(_, user)| user.clone())
                .collect(),
            super_subject: text("X509AuthenticationProvider.superUser"),
            enforced,
            allow_failed: found.flag("allowSaslFailedClients", false),
        };
        let rules = AclRules {
            skip: cfg.skip_acl,
            digest: cfg.digest_auth_enabled,
            sasl: has("sasl"),
            x509: has("x509"),
            any_sasl_user: text("letAnySaslUserDoX").map(Into::into),
        };
        if !found.errors.is_empty() {
            return Err(found.errors);
        }
        Ok(Identities { authentication, rules, warnings: found.warnings })
    }
}

/// The schemes that are there.
fn schemes(found: &mut Findings<'_>, tls: bool) -> Vec<&'static str> {
    let mut schemes = vec!["ip"];
    schemes.extend(found.cfg.digest_auth_enabled.then_some("digest"));
    schemes.extend(tls.then_some("x509"));
    schemes.extend(found.cfg.gives("ensembleAuthName").then_some("ensemble"));
    let cfg = found.cfg;
    for (key, class) in cfg.settings.iter().filter(|(key, _)| key.starts_with("authProvider.")) {
        match class.strip_prefix(PROVIDERS) {
            Some("SASLAuthenticationProvider") => schemes.push("sasl"),
            Some("X509AuthenticationProvider") => schemes.push("x509"),
            Some("EnsembleAuthenticationProvider") => schemes.push("ensemble"),
            Some("DigestAuthenticationProvider" | "IPAuthenticationProvider") => {}
            Some(_) | None => {
                let what = format!("{key} names {class}, which is no provider of Vivarium's");
                let mend = "there are those for x509, SASL (DIGEST-MD5) and ensemble";
                found.error(key, &what, mend);
            }
        }
    }
    schemes
}

fn algorithm(found: &mut Findings<'_>) -> Algorithm {
    let Some(name) = found.cfg.setting(DIGEST_ALGORITHM) else { return Algorithm::Sha1 };
    Algorithm::named(name).unwrap_or_else(|| {
        let what = format!("{DIGEST_ALGORITHM} must be {}, not \"{name}\"", Algorithm::NAMES);
        found.error(DIGEST_ALGORITHM, &what, "remove the line for SHA1");
        Algorithm::Sha1
    })
}

/// The schemes of which a client must have shown an id.
fn enforced(found: &mut Findings<'_>, schemes: &[&str]) -> Vec<String> {
    let (key, enforced) = if found.flag(OLD_ENFORCE, false) {
        (OLD_ENFORCE, vec!["sasl".to_owned()])
    } else if found.flag(ENFORCE, false) {
        (ENFORCED, found.list(ENFORCED))
    } else {
        return Vec::new();
    };
    if enforced.is_empty() {
        let what = format!("{ENFORCE}=true, but {ENFORCED} names no scheme");
        found.error(ENFORCE, &what, format!("write for example {ENFORCED}=digest,sasl"));
    }
    for scheme in enforced.iter().filter(|scheme| !schemes.contains(&scheme.as_str())) {
        let what = format!("{key} asks for the scheme {scheme}, which is not configured");
        let mend = match scheme.as_str() {
            "sasl" => {
                "add authProvider.1=org.apache.zookeeper.server.auth.\
                       SASLAuthenticationProvider"
            }
            "x509" => "set secureClientPort",
            _ => "remove it or add its authProvider line",
        };
        found.error(key, &what, mend);
    }
    enforced
}

/// The users of DIGEST-MD5, where a file of logins is named.
fn users(
    found: &mut Findings<'_>,
    schemes: &[&str],
    read: impl FnOnce(&str) -> std::io::Result<String>,
) -> Option<Arc<Users>> {
    let Some(path) = found.text(JAAS) else {
        if schemes.contains(&"sasl") {
            let what = "SASL is asked for, but no file of users is named";
            let mend = format!("add {JAAS}=/path/of/jaas.conf to {}", found.cfg.file);
            found.error("authProvider.1", what, &mend);
        }
        return None;
    };
    let text = match read(path) {
        Ok(text) => text,
        Err(error) => {
            let what = format!("{JAAS}: can't read {path}: {error}");
            found.error(JAAS, &what, "correct the path");
            return None;
        }
    };
    match logins(found, path, &text) {
        Ok(users) => users.map(Arc::new),
        Err(error) => {
            found.errors.push(error);
            None
        }
    }
}

/// The users of the server's section; `None` when the file is for clients alone.
fn logins(found: &Findings<'_>, path: &str, text: &str) -> Result<Option<Users>, ConfigError> {
    let name = found.cfg.setting("sasl.serverconfig").unwrap_or("Server");
    let Some(modules) = modules(path, text, name)? else { return Ok(None) };
    let mut users = users_of(modules);
    if let Some(password) = found.cfg.setting("SASLAuthenticationProvider.superPassword")
        && let Some(known) = users.0.get_mut("super")
    {
        password.clone_into(known);
    }
    Ok(Some(users))
}

/// The modules of a section of a file of logins, all of them for DIGEST-MD5; `None` if there is no
/// such section.
///
/// # Errors
/// What is wrong with the file, or a module of another kind.
pub(super) fn modules(
    path: &str,
    text: &str,
    name: &str,
) -> Result<Option<Vec<Module>>, ConfigError> {
    let wrong = |line: u32, what: String, mend: &str| ConfigError {
        file: path.to_owned(),
        line: Some(line),
        what,
        mend: mend.to_owned(),
    };
    let sections = jaas::parse(text).map_err(|error| {
        let what = format!("this login configuration lacks {}", error.expected);
        wrong(error.line, what, "write it as Server { MODULE required user_NAME=\"…\"; };")
    })?;
    let Some(section) = sections.into_iter().find(|section| section.name == name) else {
        return Ok(None);
    };
    if let Some(module) = section.modules.iter().find(|it| !it.class.ends_with("DigestLoginModule"))
    {
        let what = format!("{} is not offered, only DIGEST-MD5 is", module.class);
        let mend = format!("name {PROVIDERS}DigestLoginModule");
        return Err(wrong(module.line, what, &mend));
    }
    Ok(Some(section.modules))
}

/// The users that modules know.
pub(super) fn users_of(modules: Vec<Module>) -> Users {
    let options = modules.into_iter().flat_map(|module| module.options);
    let users = options
        .filter_map(|(key, password)| Some((key.strip_prefix("user_")?.to_owned(), password)));
    Users(users.collect())
}

fn warn_of_what_is_read_by_nothing(found: &mut Findings<'_>) {
    if found.cfg.gives("requireClientAuthScheme") {
        let what = "requireClientAuthScheme is read by nothing, in ZooKeeper either";
        let mend = "write enforce.auth.enabled=true and enforce.auth.schemes=sasl";
        found.warn("requireClientAuthScheme", what, mend);
    }
    if found.cfg.gives(ENFORCED) && !found.flag(ENFORCE, false) {
        let what = format!("{ENFORCED} asks for nothing while {ENFORCE} is not true");
        found.warn(ENFORCED, &what, format!("add {ENFORCE}=true"));
    }
}
