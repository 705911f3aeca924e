//! Every setting, once.

/// One setting: `--key-with-dashes`, `VIVAVOCE_KEY`, and `key` in the file.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub key: &'static str,
    pub kind: Kind,
    /// As text; empty for none.
    pub default: &'static str,
    /// What the file shows where there is no default.
    pub example: &'static str,
    /// The first line is also the flag's help.
    pub doc: &'static str,
}

/// What a value looks like in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    /// True or false.
    Switch,
    /// Several texts; in the environment and on the command line with commas between them.
    List,
    /// A list where the bare flag means this one value.
    ListOr(&'static str),
}

impl Setting {
    /// `--public-url`
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// `VIVAVOCE_PUBLIC_URL`
    pub fn variable(&self) -> String {
        format!("{}{}", super::layers::PREFIX, self.key.to_uppercase())
    }
}

/// All of them, in the order of the documented file.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "listen",
        kind: Kind::Text,
        default: "127.0.0.1:8080",
        example: "",
        doc: "Address and port of the web server.\n\
              127.0.0.1 is this machine only; 0.0.0.0 or [::] is every address it has.",
    },
    Setting {
        key: "data",
        kind: Kind::Text,
        default: "./data",
        example: "",
        doc: "Folder for what is kept: accounts, invitations, passkeys, sessions. Never a room.\n\
              Made with mode 0700 if it is not there; one that others can open is refused.",
    },
    Setting {
        key: "public_url",
        kind: Kind::Text,
        default: "",
        example: "https://rooms.example.org",
        doc: "The address people type. Default: http://localhost with the port of `listen`.\n\
              Passkeys belong to its host, so choose it before inviting people. When it changes, those whom that cuts\n\
              off are counted at every start, and the ways back in are named.\n\
              Browsers give the microphone only to https and to localhost.",
    },
    Setting {
        key: "tls_cert",
        kind: Kind::Text,
        default: "",
        example: "/etc/vivavoce/fullchain.pem",
        doc: "Certificate with its chain (PEM), where this server speaks TLS itself. Read again on SIGHUP.",
    },
    Setting {
        key: "tls_key",
        kind: Kind::Text,
        default: "",
        example: "/etc/vivavoce/privkey.pem",
        doc: "The certificate's private key (PEM). Read again on SIGHUP.",
    },
    Setting {
        key: "behind_proxy",
        kind: Kind::ListOr("loopback"),
        default: "",
        example: "loopback",
        doc: "A proxy in front speaks TLS: addresses or networks it connects from.\n\
              Only these are believed when they say whom they speak for (X-Forwarded-For).\n\
              `loopback`, or the bare flag, means a proxy on this machine.",
    },
    Setting {
        key: "public_address",
        kind: Kind::List,
        default: "",
        example: "203.0.113.7",
        doc: "IP addresses under which browsers reach the media port from outside, beside those of this machine.\n\
              Needed behind a router or a cloud's address translation.",
    },
    Setting {
        key: "media_port",
        kind: Kind::Number,
        default: "0",
        example: "",
        doc: "UDP port for all audio, on every address. 0: the number of the port in `listen`.",
    },
    Setting {
        key: "media_threads",
        kind: Kind::Number,
        default: "0",
        example: "",
        doc: "Threads that carry audio, at most 64. 0: one for each processor.",
    },
    Setting {
        key: "pack_under_load",
        kind: Kind::Switch,
        default: "true",
        example: "",
        doc: "When a processor has no time left, the audience of large rooms gets two, then three 20 ms in one packet:\n\
              fewer packets, and 20 or 40 ms more delay. People on stage keep their 20 ms.",
    },
    Setting {
        key: "pack_two_from",
        kind: Kind::Number,
        default: "0",
        example: "",
        doc: "The audience of a room gets two 20 ms in one packet from so many listeners on. 0: only under load.\n\
              Where the bandwidth is scarce: headers are a third of what is sent.",
    },
    Setting {
        key: "pack_three_from",
        kind: Kind::Number,
        default: "0",
        example: "",
        doc: "The same with three.",
    },
    Setting {
        key: "metrics",
        kind: Kind::Text,
        default: "",
        example: "9464",
        doc: "Where programs that watch servers (Prometheus) read totals, at /metrics: a port, which is one of this\n\
              machine only, or an address and port. Nothing by default.\n\
              How many rooms, people and actions, to the nearest ten; of nobody and no room in particular.",
    },
    Setting {
        key: "push_allow",
        kind: Kind::Text,
        default: "",
        example: "push.example.org:8443",
        doc: "Host and port of a push service of your own. Notifications go to the push services that people's browsers\n\
              name, over https, out in the public; this one may be in your own network, and on any port.",
    },
    Setting {
        key: "push_ca",
        kind: Kind::Text,
        default: "",
        example: "/etc/vivavoce/push-ca.pem",
        doc: "Certificates (PEM) that are trusted for push services, beside the authorities that browsers trust.",
    },
    Setting {
        key: "drain_seconds",
        kind: Kind::Number,
        default: "10",
        example: "",
        doc: "How long people in rooms are told that the server stops before it does, at most 60 seconds.",
    },
    Setting {
        key: "swap",
        kind: Kind::Text,
        default: "warn",
        example: "",
        doc: "Where swap is on, and memory could reach a disk: `warn` says so and starts, `refuse` does not start.\n\
              A server that may lock its memory does (root, or LimitMEMLOCK=infinity in the service): nothing of it is\n\
              swapped then, and `warn` has nothing to say. Compressed memory (zram) is no disk.",
    },
    Setting {
        key: "unsandboxed",
        kind: Kind::Switch,
        default: "false",
        example: "",
        doc: "Run without the sandbox that keeps rooms from ever reaching a disk. For systems that have none.\n\
              Everybody who uses the server is shown that it is off.",
    },
];
