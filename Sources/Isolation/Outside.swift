internal import Kernel

/// What of the machine a sealed command must not, or need not, find.
public enum Outside {
    /// The unix sockets that something answers now, and those that variables name.
    public static func sockets(_ environment: [String: String]) -> [String] {
        let table = (try? Files.readAll("/proc/net/unix")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return Set(bound(table) + named(environment)).sorted()
    }

    /// The names without a file that something answers now, with a zero byte as `@`.
    public static func names() -> Set<String> {
        let table = (try? Files.readAll("/proc/net/unix")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return Set(entries(table).filter { $0.hasPrefix("@") })
    }

    /// The TCP ports of this machine that something listens on now.
    public static func listeners() -> Set<UInt16> {
        ["/proc/net/tcp", "/proc/net/tcp6"].reduce(into: []) { ports, path in
            let table = (try? Files.readAll(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            ports.formUnion(listening(table))
        }
    }

    /// Whose state, the fourth field, is 0A; the second ends with the port, all in hexadecimal.
    static func listening(_ table: String) -> [UInt16] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let words = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: true)
            guard words.count == 5, words[3] == "0A", let colon = words[1].lastIndex(of: ":") else { return nil }
            return UInt16(words[1][words[1].index(after: colon)...], radix: 16)
        }
    }

    /// The paths in the kernel's table; the eighth field, which may hold spaces. Names without a file begin with `@`.
    static func bound(_ table: String) -> [String] { entries(table).filter { $0.hasPrefix("/") } }

    private static func entries(_ table: String) -> [String] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 7, omittingEmptySubsequences: true)
            return parts.count == 8 ? String(parts[7]) : nil
        }
    }

    static func named(_ environment: [String: String]) -> [String] {
        var found = ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"]
        if let home = environment["HOME"] {
            found += ["\(home)/.docker/run/docker.sock", "\(home)/.docker/desktop/docker.sock"]
        }
        for name in ["DOCKER_HOST", "CONTAINER_HOST", "SSH_AUTH_SOCK", "BUILDKIT_HOST", "DBUS_SESSION_BUS_ADDRESS"] {
            for part in (environment[name] ?? "").split(whereSeparator: { $0 == ";" || $0 == "," }) {
                let path = part.drop { $0 != "/" }.drop { $0 == "/" }
                if !path.isEmpty { found.append("/\(path)") }
            }
        }
        if let agent = environment["GPG_AGENT_INFO"]?.split(separator: ":").first { found.append(String(agent)) }
        return found
    }

    /// `/etc/hosts` without the addresses that lead out: a name that had one is asked of our name server instead.
    public static func hosts(_ text: String, hostName: String) -> String {
        let own = ["127.0.0.1", "127.0.1.1", "::1"]
        var lines = text.split(separator: "\n").map(String.init).filter { line in
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
            return words.count > 1 && own.contains(String(words[0]))
        }
        if !hostName.isEmpty, hostName.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            lines.append("127.0.0.1 \(hostName)")
        }
        return (["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"] + lines + [""])
            .joined(separator: "\n")
    }
}
