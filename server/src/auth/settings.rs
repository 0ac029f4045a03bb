//! zoo.cfg's keys about who clients are, read into an [`Authentication`].
//!
//! Invariant: what would leave a client less checked than the file asks for is an error with a
//! sentence, never passed over.

use super::digest_md5::Users;
use super::{Algorithm, Authentication, Digest, jaas};
use std::collections::BTreeMap;
use std::sync::Arc;
use vivarium_protocol::base::AclRules;
use vivarium_protocol::zoo_cfg::{ConfigError, ConfigWarning, ZooCfg};

const JAAS: &str = "java.security.auth.login.config";
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
        let mut found = Reading { cfg, errors: Vec::new(), warnings: Vec::new() };
        let schemes = found.schemes(tls);
        let users = found.users(&schemes, read);
        let enforced = found.enforced(&schemes);
        let digest = cfg.digest_auth_enabled.then(|| Digest {
            algorithm: found.algorithm(),
            super_digest: cfg.super_digest.clone(),
        });
        found.warn_of_what_is_read_by_nothing();
        let text = |key: &str| cfg.setting(key).filter(|it| !it.is_empty()).map(str::to_owned);
        let has = |scheme: &str| schemes.contains(&scheme);
        let names = cfg.setting("ensembleAuthName").unwrap_or_default();
        let authentication = Authentication {
            digest,
            ensembles: has("ensemble").then(|| listed(names)),
            users,
            super_users: cfg
                .settings
                .iter()
                .filter(|(key, _)| *key == "superUser" || key.starts_with("superUser."))
                .map(|(_, user)| user.clone())
                .collect(),
            super_subject: text("X509AuthenticationProvider.superUser"),
            enforced,
            allow_failed: is_true(cfg, "allowSaslFailedClients"),
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

struct Reading<'a> {
    cfg: &'a ZooCfg,
    errors: Vec<ConfigError>,
    warnings: Vec<ConfigWarning>,
}

impl Reading<'_> {
    fn error(&mut self, key: &str, what: &str, mend: &str) {
        let (what, mend) = (what.to_owned(), mend.to_owned());
        let (file, line) = (self.cfg.file.clone(), self.cfg.line(key));
        self.errors.push(ConfigError { file, line, what, mend });
    }

    fn warn(&mut self, key: &str, what: &str, mend: &str) {
        let (what, mend) = (what.to_owned(), mend.to_owned());
        let (file, line) = (self.cfg.file.clone(), self.cfg.line(key));
        self.warnings.push(ConfigWarning { file, line, what, mend });
    }

    /// The schemes that are there.
    fn schemes(&mut self, tls: bool) -> Vec<&'static str> {
        let mut schemes = vec!["ip"];
        schemes.extend(self.cfg.digest_auth_enabled.then_some("digest"));
        schemes.extend(tls.then_some("x509"));
        schemes.extend(self.cfg.gives("ensembleAuthName").then_some("ensemble"));
        let cfg = self.cfg;
        for (key, class) in cfg.settings.iter().filter(|(key, _)| key.starts_with("authProvider."))
        {
            match class.strip_prefix(PROVIDERS) {
                Some("SASLAuthenticationProvider") => schemes.push("sasl"),
                Some("X509AuthenticationProvider") => schemes.push("x509"),
                Some("EnsembleAuthenticationProvider") => schemes.push("ensemble"),
                Some("DigestAuthenticationProvider" | "IPAuthenticationProvider") => {}
                Some(_) | None => {
                    let what = format!("{key} names {class}, which is no provider of Vivarium's");
                    let mend = "there are those for x509, SASL (DIGEST-MD5) and ensemble";
                    self.error(key, &what, mend);
                }
            }
        }
        schemes
    }

    fn algorithm(&mut self) -> Algorithm {
        let Some(name) = self.cfg.setting(DIGEST_ALGORITHM) else { return Algorithm::Sha1 };
        Algorithm::named(name).unwrap_or_else(|| {
            let what = format!("{DIGEST_ALGORITHM} must be {}, not \"{name}\"", Algorithm::NAMES);
            self.error(DIGEST_ALGORITHM, &what, "remove the line for SHA1");
            Algorithm::Sha1
        })
    }

    /// The schemes of which a client must have shown an id.
    fn enforced(&mut self, schemes: &[&str]) -> Vec<String> {
        let (key, enforced) = if is_true(self.cfg, OLD_ENFORCE) {
            (OLD_ENFORCE, vec!["sasl".to_owned()])
        } else if is_true(self.cfg, ENFORCE) {
            (ENFORCED, listed(self.cfg.setting(ENFORCED).unwrap_or_default()))
        } else {
            return Vec::new();
        };
        if enforced.is_empty() {
            let what = format!("{ENFORCE}=true, but {ENFORCED} names no scheme");
            self.error(ENFORCE, &what, &format!("write for example {ENFORCED}=digest,sasl"));
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
            self.error(key, &what, mend);
        }
        enforced
    }

    /// The users of DIGEST-MD5, where a file of logins is named.
    fn users(
        &mut self,
        schemes: &[&str],
        read: impl FnOnce(&str) -> std::io::Result<String>,
    ) -> Option<Arc<Users>> {
        let Some(path) = self.cfg.setting(JAAS).filter(|path| !path.is_empty()) else {
            if schemes.contains(&"sasl") {
                let what = "SASL is asked for, but no file of users is named";
                let mend = format!("add {JAAS}=/path/of/jaas.conf to {}", self.cfg.file);
                self.error("authProvider.1", what, &mend);
            }
            return None;
        };
        let text = match read(path) {
            Ok(text) => text,
            Err(error) => {
                let what = format!("{JAAS}: can't read {path}: {error}");
                self.error(JAAS, &what, "correct the path");
                return None;
            }
        };
        match self.logins(path, &text) {
            Ok(users) => users.map(Arc::new),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    /// The users of the server's section; `None` when the file is for clients alone.
    fn logins(&self, path: &str, text: &str) -> Result<Option<Users>, ConfigError> {
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
        let name = self.cfg.setting("sasl.serverconfig").unwrap_or("Server");
        let Some(section) = sections.into_iter().find(|section| section.name == name) else {
            return Ok(None);
        };
        let mut users = BTreeMap::new();
        for module in section.modules {
            if !module.class.ends_with("DigestLoginModule") {
                let what = format!("{} is not offered, only DIGEST-MD5 is", module.class);
                let mend = format!("name {PROVIDERS}DigestLoginModule");
                return Err(wrong(module.line, what, &mend));
            }
            let named = module.options.into_iter();
            users.extend(named.filter_map(|(key, password)| {
                Some((key.strip_prefix("user_")?.to_owned(), password))
            }));
        }
        if let Some(password) = self.cfg.setting("SASLAuthenticationProvider.superPassword")
            && let Some(known) = users.get_mut("super")
        {
            password.clone_into(known);
        }
        Ok(Some(Users(users)))
    }

    fn warn_of_what_is_read_by_nothing(&mut self) {
        if self.cfg.gives("requireClientAuthScheme") {
            let what = "requireClientAuthScheme is read by nothing, in ZooKeeper either";
            let mend = "write enforce.auth.enabled=true and enforce.auth.schemes=sasl";
            self.warn("requireClientAuthScheme", what, mend);
        }
        if self.cfg.gives(ENFORCED) && !is_true(self.cfg, ENFORCE) {
            let what = format!("{ENFORCED} asks for nothing while {ENFORCE} is not true");
            self.warn(ENFORCED, &what, &format!("add {ENFORCE}=true"));
        }
    }
}

fn is_true(cfg: &ZooCfg, key: &str) -> bool {
    cfg.setting(key).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn listed(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}
