//! The page's words in every language it speaks.
//!
//! Invariant: every text has both languages, or it does not compile. The frame of the page has its
//! words in [`Text`], one `match` a language; a part of the page that has many words of its own
//! keeps them in an enum beside it that is [`Words`]. Sentences with values are in `narrate`.

pub mod cfg_chinese;
mod chinese;
mod english;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    English,
    /// 简体中文.
    Chinese,
}

impl Lang {
    /// The text in this language.
    #[must_use]
    pub fn t(self, text: impl Words) -> &'static str {
        let (english, chinese) = text.words();
        self.pick(english, chinese)
    }

    /// Chooses between two ready-made sentences.
    #[must_use]
    pub fn pick<T>(self, english: T, chinese: T) -> T {
        match self {
            Lang::English => english,
            Lang::Chinese => chinese,
        }
    }

    /// The value of the document's `lang` attribute.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Lang::English => "en",
            Lang::Chinese => "zh-Hans",
        }
    }

    /// The language that a tag such as `zh-CN` asks for.
    #[must_use]
    pub fn from_tag(tag: &str) -> Lang {
        if tag.to_ascii_lowercase().starts_with("zh") { Lang::Chinese } else { Lang::English }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Lang {
        match self {
            Lang::English => Lang::Chinese,
            Lang::Chinese => Lang::English,
        }
    }
}

/// Texts that are known in every language.
pub trait Words {
    /// The same in English and in Chinese.
    fn words(self) -> (&'static str, &'static str);
}

impl Words for Text {
    fn words(self) -> (&'static str, &'static str) {
        (english::english(self), chinese::chinese(self))
    }
}

/// Everything the page's frame says that needs no values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// Skip to the stage
    Skip,
    /// servers
    Servers,
    /// observers
    Observers,
    /// Number of voting servers
    ServersLabel,
    /// Number of observers
    ObserversLabel,
    /// seed
    Seed,
    /// Another run: next seed
    NewSeed,
    /// Share
    Share,
    /// Link copied: ensemble, seed, actions and moment
    ShareDone,
    /// The link is in the address bar
    ShareShown,
    /// Language
    Language,
    /// Switch theme
    SwitchTheme,
    /// Presentation view
    Presentation,
    /// Keyboard
    Keyboard,
    /// Close
    Close,
    /// Time
    Time,
    /// Guide and set-up
    LeftPanel,
    /// Guide
    Guide,
    /// Faults
    Faults,
    /// zoo.cfg
    ZooCfg,
    /// Inspect
    Inspect,
    /// Stage
    Stage,
    /// Inspector
    Inspector,
    /// Key
    Key,
    /// vote for 3
    VoteForThree,
    /// epoch handshake
    EpochHandshake,
    /// synchronisation
    Synchronisation,
    /// proposal, commit
    ProposalCommit,
    /// committed
    Committed,
    /// only logged
    OnlyLogged,
    /// missing, on its way
    MissingOnItsWay,
    /// to be cut
    ToBeCut,
    /// missing
    MissingShort,
    /// Majority bar
    MajorityBar,
    /// A colour is a server: the one voted for, followed, or the author of an entry.
    ColourRule,
    /// No leader
    NoLeader,
    /// One server, no ensemble
    Standalone,
    /// epoch
    Epoch,
    /// round
    Round,
    /// vote, round
    VoteRound,
    /// accepted
    Accepted,
    /// current
    Current,
    /// none
    None,
    /// not running
    NotRunning,
    /// paused
    Paused,
    /// disk stalled
    DiskStalled,
    /// serving clients
    ServingClients,
    /// meets the leader
    MeetsLeader,
    /// in line with the leader
    InLine,
    /// waits for the leader
    WaitsForLeader,
    /// asks who leads
    LooksForLeader,
    /// on its way
    OnItsWay,
    /// nobody else has
    NobodyElseHas,
    /// joined
    Joined,
    /// promised
    Promised,
    /// ready
    Ready,
    /// needed for
    NeededFor,
    /// held: its server is not serving
    Held,
    /// waiting
    Waiting,
    /// done
    Done,
    /// outcome unknown
    OutcomeUnknown,
    /// opening a session
    OpeningSession,
    /// session open
    SessionOpen,
    /// session expired
    SessionExpired,
    /// session closed
    SessionClosed,
    /// watch fired
    WatchFired,
    /// lost
    Lost,
    /// partition
    Partition,
    /// Play (space)
    Play,
    /// Pause (space)
    Pause,
    /// Step forward (right arrow)
    StepForward,
    /// Step back (left arrow)
    StepBack,
    /// Next key event (Shift + right arrow)
    NextKey,
    /// Previous key event (Shift + left arrow)
    PreviousKey,
    /// Speed
    Speed,
    /// Run until
    RunUntil,
    /// That did not happen in the next 10,000 steps.
    UntilNotFound,
    /// step
    Step,
    /// Show
    Show,
    /// votes
    FilterVotes,
    /// sync
    FilterSync,
    /// broadcast
    FilterBroadcast,
    /// ping
    FilterPings,
    /// whole run
    WholeRun,
    /// at the frontier
    Frontier,
    /// State
    State,
    /// underlined: just changed
    JustChanged,
    /// Votes received, round
    VotesReceived,
    /// from → for
    FromFor,
    /// own vote
    OwnVote,
    /// Log
    Log,
    /// newest first
    NewestFirst,
    /// nothing logged yet
    LogEmpty,
    /// How it came to this
    HowItCame,
    /// voting member
    VotingMember,
    /// observer
    ObserverMember,
    /// follows without a vote
    WithoutVote,
    /// Late votes are counted, not compared: the sender has decided.
    LateVotes,
    /// Timers
    Timers,
    /// left
    Left,
    /// Learners
    Learners,
    /// one handler each
    LearnersHint,
    /// snapshot
    Snapshot,
    /// in flight
    InFlight,
    /// delivered
    Delivered,
    /// lost
    LostWord,
    /// Times
    Times,
    /// sent
    Sent,
    /// arrives
    Arrives,
    /// received
    Received,
    /// Fields
    Fields,
    /// Caused by
    CausedBy,
    /// Ensemble
    Ensemble,
    /// nothing selected
    NothingSelected,
    /// Who stands with whom
    WhoStands,
    /// Furthest behind
    FurthestBehind,
    /// behind the longest log
    Behind,
    /// znodes
    Znodes,
    /// Faults in force
    FaultsInForce,
    /// none
    NoFaults,
    /// Heal
    Heal,
    /// Heal everything
    HealAll,
    /// Start
    Start,
    /// Start all
    StartAll,
    /// Cut links (row no longer hears column)
    CutLinks,
    /// Act on server
    ActOn,
    /// Select a server on the stage to act on it.
    SelectServer,
    /// Crash
    Crash,
    /// Pause
    PauseServer,
    /// Resume
    Resume,
    /// Isolate
    Isolate,
    /// Stall disk
    StallDisk,
    /// Wake disk
    WakeDisk,
    /// Drop its connections
    DropConnection,
    /// Network
    Network,
    /// Delay
    Delay,
    /// Delay between
    DelayTo,
    /// Clients
    Clients,
    /// New client here
    NewClient,
    /// Client
    Client,
    /// path
    Path,
    /// data
    Data,
    /// Send
    Send,
    /// create
    Create,
    /// set
    Set,
    /// get
    Get,
    /// delete
    Delete,
    /// That does not fit here:
    CannotAct,
    /// Shared by all servers; a new run begins when it is applied
    CfgTitle,
    /// Start this ensemble
    CfgApply,
    /// What follows from it
    CfgFollows,
    /// line
    CfgError,
    /// majority
    Majority,
    /// failures tolerated
    Tolerated,
    /// PING interval
    PingInterval,
    /// to synchronise
    ToSync,
    /// of silence at most
    OfSilence,
    /// What happens
    WhatHappens,
    /// Why
    Why,
    /// Look at
    LookAt,
    /// Run to it
    RunStep,
    /// Do it
    DoStep,
    /// From start to service
    GuideTitle,
    /// A walk through the protocol
    GuideKick,
    /// The link in the address could not be opened, so a new run begins.
    LinkDamaged,
    /// play, pause
    KeyPlay,
    /// step
    KeyStep,
    /// previous, next key event
    KeyKeyEvent,
    /// start, frontier
    KeyEnds,
    /// slower, faster
    KeySpeed,
    /// run until
    KeyUntil,
    /// select a server
    KeySelect,
    /// next message in flight
    KeyMessage,
    /// one step back along what caused it
    KeyCause,
    /// crash or start the selected server
    KeyCrash,
    /// cut servers off
    KeyCut,
    /// compare the election algorithms
    KeyElections,
    /// left, right panel
    KeyPanels,
    /// zoom time
    KeyZoom,
    /// presentation, theme, language
    KeyViews,
    /// this list, close
    KeyHelp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_tag_chooses_the_language() {
        assert_eq!(Lang::from_tag("zh-CN"), Lang::Chinese);
        assert_eq!(Lang::from_tag("en-GB"), Lang::English);
        assert_eq!(Lang::from_tag("fr"), Lang::English);
        assert_eq!(Lang::English.other().tag(), "zh-Hans");
    }
}
