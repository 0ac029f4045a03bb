//! zoo.cfg's keys about connections between servers.
//!
//! Invariant: what would leave another server less checked than the file asks for is an error.

use crate::auth::PeerSasl;
use crate::findings::Findings;
use crate::tls::{Keys, Terms};
use std::time::Duration;
use vivarium_protocol::zoo_cfg::{ConfigError, ConfigWarning, ZooCfg};

const TLS: &str = "sslQuorum";
const UNIFIED: &str = "portUnification";
const SEVERAL: &str = "multiAddress.enabled";

/// How servers connect to one another, as zoo.cfg says.
#[derive(Clone, Debug)]
pub struct LinkSettings {
    /// `sslQuorum`: dial with TLS.
    pub dial_tls: bool,
    /// Whether whoever dials may speak plainly: without `sslQuorum`, or by `portUnification`.
    pub accept_plain: bool,
    /// What TLS is held to; `None` if it is not spoken.
    pub terms: Option<Terms>,
    /// SASL between servers; `None` without `quorum.auth.enableSasl`.
    pub sasl: Option<PeerSasl>,
    /// `tcpKeepAlive`.
    pub keep_alive: bool,
    /// `quorumListenOnAllIPs`: listen on every address rather than the configured one.
    pub all_addresses: bool,
    /// `cnxTimeout`: how long dialling an election port may take.
    pub dial_limit: Duration,
    /// `quorumCnxnTimeoutMs`, else syncLimit: how long saying who one is may take.
    pub hello_limit: Duration,
    /// `connectToLearnerMasterLimit`, else initLimit: how many ticks a learner tries to reach its
    /// leader.
    pub reach_limit: u64,
    /// `multiAddress.enabled`: servers may have several addresses, and tell others all of them.
    pub several: bool,
    /// `multiAddress.reachabilityCheckTimeoutMs`, unless `multiAddress.reachabilityCheckEnabled` is
    /// false: how long an address may acknowledge nothing before another is tried.
    pub reachable: Option<Duration>,
    /// `leaderConnectDelayDuringRetryMs`: the pause between two tries at that.
    pub reach_pause: Duration,
}

impl LinkSettings {
    /// Reads the settings; `read` gets the text of the file of logins.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn from(
        cfg: &ZooCfg,
        read: impl FnOnce(&str) -> std::io::Result<String>,
    ) -> Result<(LinkSettings, Vec<ConfigWarning>), Vec<ConfigError>> {
        let mut found = Findings::of(cfg);
        let (dial_tls, unified) = (flag(&mut found, TLS), flag(&mut found, UNIFIED));
        let (dial_tls, unified) = (dial_tls && !cfg.standalone, unified && !cfg.standalone);
        let terms = if dial_tls || unified { terms(&mut found, dial_tls) } else { None };
        let sasl = PeerSasl::from(&mut found, read).filter(|_| !cfg.standalone);
        let ticks = |ticks: u64| Duration::from_millis(ticks.saturating_mul(cfg.tick_time_ms));
        let hello = number(&mut found, "quorumCnxnTimeoutMs", -1);
        let reach = number(&mut found, "connectToLearnerMasterLimit", 0);
        let pause = number(&mut found, "leaderConnectDelayDuringRetryMs", 100);
        let several = found.flag(SEVERAL, false);
        refuse_addresses_without_the_word(&mut found, several);
        let reachable = number(&mut found, "multiAddress.reachabilityCheckTimeoutMs", 1000);
        let reachable = positive(reachable).map(Duration::from_millis);
        let checked = several && found.flag("multiAddress.reachabilityCheckEnabled", true);
        let settings = LinkSettings {
            several,
            reachable: reachable.filter(|_| checked),
            dial_tls,
            accept_plain: !dial_tls || unified,
            terms,
            sasl,
            keep_alive: cfg.tcp_keep_alive,
            all_addresses: cfg.quorum_listen_on_all_ips,
            dial_limit: Duration::from_millis(cfg.cnx_timeout_ms),
            hello_limit: positive(hello).map_or(ticks(cfg.sync_limit), Duration::from_millis),
            reach_limit: positive(reach).unwrap_or(cfg.init_limit),
            reach_pause: Duration::from_millis(u64::try_from(pause).unwrap_or(0)),
        };
        if found.errors.is_empty() { Ok((settings, found.warnings)) } else { Err(found.errors) }
    }
}

/// As ZooKeeper does: releases before 3.6 can't read such lines, so they must be meant.
fn refuse_addresses_without_the_word(found: &mut Findings<'_>, several: bool) {
    let members = found.cfg.ensemble.iter().flat_map(|ensemble| &ensemble.members);
    let torn = members.filter(|(_, member)| !member.more.is_empty() && !several);
    let ids: Vec<String> = torn.map(|(id, _)| id.to_string()).collect();
    for id in ids {
        let what = format!("server.{id} has several addresses, and {SEVERAL} is not set");
        found.error(&format!("server.{id}"), what, format!("add {SEVERAL}=true"));
    }
}

fn terms(found: &mut Findings<'_>, dial_tls: bool) -> Option<Terms> {
    let reload = flag(found, "sslQuorumReloadCertFiles");
    let asked_by = if dial_tls { TLS } else { UNIFIED };
    Keys { found, prefix: "ssl.quorum", asked_by, always_checked: true }.terms(reload)
}

/// `true` or `false`: a slip of the pen must not make plain text of TLS.
pub fn flag(found: &mut Findings<'_>, key: &str) -> bool {
    match found.text(key).unwrap_or("false").to_ascii_lowercase().as_str() {
        "true" => true,
        "false" => false,
        other => {
            let what = format!("{key} must be true or false, not \"{other}\"");
            found.error(key, what, format!("write {key}=true, or remove the line"));
            false
        }
    }
}

fn number(found: &mut Findings<'_>, key: &str, default: i32) -> i32 {
    let Some(text) = found.text(key).map(str::to_owned) else { return default };
    text.parse().unwrap_or_else(|_| {
        let what = format!("{key} must be a whole number, not \"{text}\"");
        found.error(key, what, format!("remove the line for {default}"));
        default
    })
}

fn positive(number: i32) -> Option<u64> {
    u64::try_from(number).ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::ClientAuth;

    const THREE: &str = "dataDir=/data\ntickTime=100\ninitLimit=10\nsyncLimit=5\n\
                         server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\n";
    const STORES: &str = "ssl.quorum.keyStore.location=/key.pem\n\
                          ssl.quorum.trustStore.location=/trust.pem\n";

    const LOGINS: &str = "QuorumServer { a.DigestLoginModule required user_zoo=\"secret\"; };\n\
                          QuorumLearner { a.DigestLoginModule required username=\"zoo\"\n\
                          password=\"secret\"; };\n";

    fn read_with(lines: &str, logins: &str) -> Result<LinkSettings, Vec<String>> {
        let cfg = ZooCfg::parse("zoo.cfg", &format!("{THREE}{lines}")).expect("it is a file");
        let read = LinkSettings::from(&cfg, |_| Ok(logins.to_owned()));
        let read = read.map(|(settings, _)| settings);
        read.map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    fn read(lines: &str) -> Result<LinkSettings, Vec<String>> {
        read_with(lines, LOGINS)
    }

    #[test]
    fn without_a_word_servers_speak_plainly_and_wait_as_zookeeper_does() {
        let plain = read("").expect("it is right");
        assert!(!plain.dial_tls && plain.accept_plain && plain.terms.is_none());
        assert!(plain.sasl.is_none());
        let ms = Duration::from_millis;
        assert_eq!((plain.hello_limit, plain.reach_limit), (ms(500), 10));
        assert_eq!((plain.dial_limit, plain.reach_pause), (ms(5000), ms(100)));
        let own = read(
            "quorumCnxnTimeoutMs=7\nconnectToLearnerMasterLimit=2\ncnxTimeout=9\n\
             leaderConnectDelayDuringRetryMs=0",
        );
        let own = own.expect("it is right");
        assert_eq!((own.hello_limit, own.reach_limit), (ms(7), 2));
        assert_eq!((own.dial_limit, own.reach_pause), (ms(9), ms(0)));
    }

    #[test]
    fn the_three_steps_of_an_upgrade_to_tls() {
        let ways = |lines: &str| {
            let it = read(&format!("{STORES}{lines}")).expect("it is right");
            (it.dial_tls, it.accept_plain, it.terms.is_some())
        };
        assert_eq!(ways("portUnification=true"), (false, true, true));
        assert_eq!(ways("portUnification=true\nsslQuorum=true"), (true, true, true));
        assert_eq!(ways("sslQuorum=true"), (true, false, true));
    }

    #[test]
    fn between_servers_certificates_and_names_are_checked_unless_the_file_says_no() {
        let terms = |lines: &str| {
            let it = read(&format!("{STORES}sslQuorum=true\n{lines}")).expect("it is right");
            let terms = it.terms.expect("TLS is asked for");
            (terms.client_auth, terms.check_dialled, terms.check_dialler)
        };
        assert_eq!(terms(""), (ClientAuth::Need, true, true));
        let trusting = "ssl.quorum.clientHostnameVerification=false";
        assert_eq!(terms(trusting), (ClientAuth::Need, true, false));
        let trusting = "ssl.quorum.hostnameVerification=false";
        assert_eq!(terms(trusting), (ClientAuth::Need, false, false));
        assert_eq!(terms("ssl.quorum.clientAuth=none").0, ClientAuth::None);
    }

    #[test]
    fn what_can_not_be_obeyed_is_a_sentence() {
        let jaas = "java.security.auth.login.config=/jaas.conf\nquorum.auth.enableSasl=true\n";
        let kerberos = LOGINS.replace("a.Digest", "com.sun.security.auth.module.Krb5");
        let cases = [
            ("sslQuorum=true", LOGINS, "sslQuorum asks for TLS, but no key is named"),
            ("sslQuorum=yes", LOGINS, "sslQuorum must be true or false, not \"yes\""),
            (
                "portUnification=true\nssl.quorum.keyStore.location=/k.pem",
                LOGINS,
                "no trust store says which are good",
            ),
            ("quorumCnxnTimeoutMs=soon", LOGINS, "must be a whole number"),
            ("quorum.auth.learnerRequireSasl=true", LOGINS, "without quorum.auth.enableSasl"),
            ("quorum.auth.enableSasl=true", LOGINS, "no file of logins is named"),
            (
                &format!("{jaas}quorum.auth.serverRequireSasl=true"),
                LOGINS,
                "without quorum.auth.learnerRequireSasl",
            ),
            (jaas, "", "has no section QuorumServer"),
            (jaas, &kerberos, "Krb5LoginModule is not offered, only DIGEST-MD5 is"),
        ];
        for (lines, logins, sentence) in cases {
            let said = read_with(lines, logins).expect_err("it can't be obeyed").join("\n");
            assert!(said.contains(sentence), "{said}");
            assert!(!said.contains("secret"), "{said}");
        }
    }

    #[test]
    fn several_addresses_must_be_meant() {
        let line = "server.4=a:1:2|b:1:2\nmultiAddress.reachabilityCheckTimeoutMs=7\n";
        let said = read(line).expect_err("it is not said").join("\n");
        assert!(said.contains("add multiAddress.enabled=true"), "{said}");
        let meant = read(&format!("{line}multiAddress.enabled=true")).expect("now it is");
        assert!(meant.several && meant.reachable == Some(Duration::from_millis(7)));
        let unchecked = "multiAddress.enabled=true\nmultiAddress.reachabilityCheckEnabled=false";
        assert_eq!(read(unchecked).expect("it is right").reachable, None);
    }

    #[test]
    fn logins_are_read_and_not_printed() {
        let lines = "java.security.auth.login.config=/jaas.conf\nquorum.auth.enableSasl=true\n\
                     quorum.auth.learnerRequireSasl=true\nquorum.auth.serverRequireSasl=true\n";
        let read = read(lines).expect("it is right");
        assert!(!format!("{read:?}").contains("secret"));
        let sasl = read.sasl.expect("it is asked for");
        assert!(sasl.insists && sasl.login.is_some());
    }
}
