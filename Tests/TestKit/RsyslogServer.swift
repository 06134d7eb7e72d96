// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// A real rsyslog of its own for one test: TLS on a free port of 127.0.0.1, as an unprivileged user, in a temporary
/// directory.
public enum RsyslogServer {
    /// Where it listens, and with which certificates.
    public struct Address: Sendable {
        /// Port on 127.0.0.1.
        public let port: Int
        /// Its authority, and a certificate for a client.
        public let certificates: TestCertificates
    }

    /// Runs rsyslogd until the body has ended and a message with a marker has arrived, then ends it in order.
    ///
    /// - Parameters:
    ///   - demandsClientCertificate: whether clients must show a certificate of the authority.
    ///   - template: how each message is written (rsyslog's own properties).
    ///   - marker: text that only the last message holds.
    ///   - body: sends.
    /// - Returns: what it wrote, in order.
    /// - Throws: ``ToolError`` when it does not start, or when the marker does not come within a minute.
    public static func run(
        demandsClientCertificate: Bool = false,
        template: String = "%rawmsg%",
        until marker: String,
        _ body: @escaping @Sendable (Address) async throws -> Void
    ) async throws -> [String] {
        let directory = try TemporaryDirectory("kontor-rsyslog")
        defer { directory.remove() }
        let certificates = try await TestCertificates(in: directory)
        try directory.write(
            Array(
                configuration(directory, certificates, demandsClientCertificate, template, marker).utf8
            ),
            to: "rsyslog.conf"
        )
        for pipe in ["port", "done", "stop"] where mkfifo(directory.file(pipe), 0o600) != 0 {
            throw ToolError(description: "cannot make the pipe \(pipe)")
        }
        let (bash, rsyslogd, setpriv) = (try tool("bash"), try tool("rsyslogd"), try tool("setpriv"))
        return try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask {
                try await bash.check(["-c", program, "kontor-rsyslog", directory.path, rsyslogd.path, setpriv.path])
            }
            group.addTask {
                let text = try await bash.check(["-c", portProgram, "kontor-rsyslog", directory.file("port")])
                let digits = text.filter(\.isNumber)
                guard let port = Int(digits) else { throw ToolError(description: "rsyslogd names no port: \(text)") }
                try await body(Address(port: port, certificates: certificates))
                try await bash.check(["-c", "echo >\"$1\"", "kontor-rsyslog", directory.file("stop")])
                return nil
            }
            var output = ""
            for try await text in group { output += text ?? "" }
            return output.split(separator: "\n").map(String.init)
        }
    }

    private static func configuration(
        _ directory: TemporaryDirectory,
        _ certificates: TestCertificates,
        _ demandsClientCertificate: Bool,
        _ template: String,
        _ marker: String
    ) -> String {
        """
        global(workDirectory="\(directory.path)" maxMessageSize="64k" defaultNetstreamDriver="ossl"
            defaultNetstreamDriverCAFile="\(certificates.authority)"
            defaultNetstreamDriverCertFile="\(certificates.server)" defaultNetstreamDriverKeyFile="\(certificates.serverKey)")
        module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1"
            streamDriver.authMode="\(demandsClientCertificate ? "x509/certvalid" : "anon")")
        template(name="kontor" type="string" string="\(template)\\n")
        ruleset(name="kontor") {
            action(type="omfile" file="\(directory.file("received"))" template="kontor")
            if $rawmsg contains "\(marker)" then {
                action(type="ompipe" pipe="\(directory.file("done"))" template="kontor")
            }
        }
        input(type="imtcp" address="127.0.0.1" port="0" listenPortFileName="\(directory.file("port"))" ruleset="kontor")

        """
    }

    private static let program = """
        set -eu
        dir=$1
        # Ended by the kernel when this script is killed, so that a broken test leaves no server behind. That wish is a step
        # of its own: the kernel forgets it when the user changes. With exec, so that $! is rsyslogd itself.
        serve() {
            set -- "$setpriv" --pdeathsig=TERM "$rsyslogd" -n -i NONE -f "$dir/rsyslog.conf"
            if [ "$(id -u)" = 0 ]; then set -- "$setpriv" --reuid=nobody --regid=nogroup --clear-groups "$@"; fi
            exec "$@" >"$dir/log" 2>&1
        }
        rsyslogd=$2
        setpriv=$3
        if [ "$(id -u)" = 0 ]; then chown -R nobody "$dir"; fi
        # Held open from both ends: what is written before somebody reads stays.
        exec 3<>"$dir/port" 4<>"$dir/done" 5<>"$dir/stop"
        serve &
        pid=$!
        trap 'kill "$pid" 2>/dev/null || true; wait "$pid" || true' EXIT
        read -r -t 60 _ <&4 || { echo "no marker within a minute" >&2; cat "$dir/log" >&2; exit 1; }
        read -r -t 60 _ <&5 || { echo "the test did not end within a minute" >&2; exit 1; }
        # An orderly end writes out what it holds.
        kill "$pid"
        wait "$pid" || true
        trap - EXIT
        cat "$dir/received"
        """

    /// One read, which waits for what rsyslogd writes there; it does so before it listens, so that is tried.
    private static let portProgram = """
        set -eu
        port=$(dd bs=16 count=1 status=none <"$1")
        for ((n = 0; n < 20000; n++)); do
            if (exec 6<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port"; exit 0; fi
        done
        echo "rsyslogd does not listen at port $port" >&2
        exit 1
        """
}
