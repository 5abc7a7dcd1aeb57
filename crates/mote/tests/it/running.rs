//! A copy of examples/hello, and the `mote` binary at work on it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

/// A system in a folder of its own.
pub(crate) struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    pub(crate) fn of_hello() -> Copy {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/hello");
        for part in ["mote.yaml", "aggregates", "contracts", "services"] {
            copy(&from.join(part), &folder.path().join(part));
        }
        Copy { folder }
    }

    /// With verdicts, so that it serves at once: the services are built and verified once for all tests.
    pub(crate) fn of_verified_hello() -> Copy {
        static VERIFIED: OnceLock<Copy> = OnceLock::new();
        let verified = VERIFIED.get_or_init(|| {
            let hello = Copy::of_hello();
            let output = hello.mote(&["verify"]);
            assert!(output.status.success(), "{}", said(&output));
            hello
        });
        let hello = Copy::of_hello();
        for part in ["mote.lock", ".mote/artifacts", ".mote/keys", ".mote/compiled"] {
            copy(&verified.path(part), &hello.path(part));
        }
        hello
    }

    pub(crate) fn path(&self, inner: &str) -> PathBuf {
        self.folder.path().join(inner)
    }

    /// Replace a text that must be there in one of the system's files.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path(file);
        let text = std::fs::read_to_string(&path).expect("the file is there");
        assert!(text.contains(from), "{file} does not contain {from:?}");
        std::fs::write(path, text.replace(from, to)).expect("the file can be written");
    }

    /// Run `mote` in the folder until it ends.
    pub(crate) fn mote(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("mote runs")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mote"));
        command.args(arguments).current_dir(self.folder.path()).env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    /// Start `mote up` on free ports and wait until it serves.
    pub(crate) fn up(&self) -> Up {
        self.up_with(&[])
    }

    /// The same with more words.
    pub(crate) fn up_with(&self, more: &[&str]) -> Up {
        let any = "127.0.0.1:0";
        let mut command = self.command(&["up", "--listen", any, "--admin", any]);
        command.args(more);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("mote starts");
        let lines = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut up = Up { child, lines, said: String::new(), public: String::new(), admin: String::new() };
        let line = up.wait_for("serving hello on http://");
        let addresses = line.split_once("on http://").map_or("", |(_, rest)| rest);
        let (public, admin) = addresses.split_once(", admin on http://").expect("both addresses");
        (up.public, up.admin) = (public.trim().to_owned(), admin.trim().to_owned());
        up
    }
}

/// A system that is up; killed when dropped.
pub(crate) struct Up {
    child: Child,
    lines: BufReader<std::process::ChildStderr>,
    /// What it said before it served.
    pub(crate) said: String,
    pub(crate) public: String,
    pub(crate) admin: String,
}

impl Up {
    /// POST `body` to the public listener: status and body.
    pub(crate) fn post(&self, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.public).expect("it listens");
        let length = body.len();
        write!(stream, "POST {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
            .expect("it reads");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("it answers");
        let (head, body) = response.split_once("\r\n\r\n").expect("it answers in HTTP");
        (head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status"), body.to_owned())
    }

    /// What it counts.
    pub(crate) fn metrics(&self) -> String {
        let mut stream = TcpStream::connect(&self.admin).expect("it listens");
        write!(stream, "GET /metrics HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").expect("it reads");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("it answers");
        response
    }

    /// Read what it says until it says `text`; the line that does.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).expect("it is text") > 0, "it ended:\n{}", self.said);
            self.said.push_str(&line);
            if line.contains(text) {
                return line;
            }
        }
    }

    /// End it as a power cut would: SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Ask it to end, and return what it said since it served.
    #[cfg(unix)]
    pub(crate) fn interrupt(mut self) -> String {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill runs").success());
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).expect("it is text");
        assert!(self.child.wait().expect("it ends").success(), "{rest}");
        rest
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).expect("a folder");
        for entry in std::fs::read_dir(from).expect("the example is there") {
            let entry = entry.expect("an entry");
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::copy(from, to).expect("a copy");
    }
}

/// Standard error as text.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
