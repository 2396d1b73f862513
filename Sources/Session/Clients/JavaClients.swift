internal import Core
internal import Ecosystems
internal import Kernel

/// Leads programs on a Java machine to us. They read no proxy variable and no PEM file, only properties of their own; and
/// they cannot send our secret, so the listener admits this user's processes where a Java machine is there.
enum JavaClients {
    static let password = "changeit"
    static let store = "truststore.jks"

    /// Variables that hold options: the first is read by every Java machine, the others by single programs, later.
    private static let variables = [
        "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "MAVEN_OPTS", "GRADLE_OPTS", "SBT_OPTS",
    ]

    static func areHere(_ environment: [String: String]) -> Bool {
        !(environment["JAVA_HOME"] ?? "").isEmpty
            || (environment["PATH"] ?? "").split(separator: ":").contains { Files.exists("\($0)/java") }
    }

    /// The variables to set. The trust store lies in the session's folder then.
    static func prepare(
        _ endpoint: Endpoint,
        trust bundle: [UInt8],
        noProxy: String
    ) throws(Problem) -> (environment: [String: String], notices: [String]) {
        guard areHere(endpoint.environment) else { return ([:], []) }
        var certificates = JavaTrustStore.certificates(inPEM: bundle)
        var notices: [String] = []
        for path in ownStores(endpoint.environment) {
            guard let bytes = try? Files.readAll(path, limit: 16 << 20), let own = JavaTrustStore.read(bytes) else {
                notices.append(
                    "the Java trust store \(path) is no JKS store that can be read: Java programs trust the system's certificates and the session's instead; convert it with keytool -importkeystore -deststoretype jks"
                )
                continue
            }
            certificates += own
        }
        let path = "\(endpoint.folder)/\(store)"
        do throws(SystemError) {
            let bytes = JavaTrustStore.write(certificates, password: password)
            try Files.writeAtomically(path, bytes, mode: 0o644, durably: false)
        } catch {
            throw Problem(
                .storageFull,
                subject: path,
                summary: "could not be written (\(error))",
                remedy: "Free space in the temporary folder, or set TMPDIR to another one."
            )
        }
        return (settings(endpoint, path, noProxy), notices)
    }

    private static func settings(_ endpoint: Endpoint, _ store: String, _ noProxy: String) -> [String: String] {
        let options = [
            "-Dhttp.proxyHost=\(endpoint.host)", "-Dhttp.proxyPort=\(endpoint.port)",
            "-Dhttps.proxyHost=\(endpoint.host)", "-Dhttps.proxyPort=\(endpoint.port)",
            "-Dhttp.nonProxyHosts=\(exceptions(noProxy))", "-Djavax.net.ssl.trustStore=\(store)",
            "-Djavax.net.ssl.trustStoreType=JKS", "-Djavax.net.ssl.trustStorePassword=\(password)",
        ]
        var environment: [String: String] = [:]
        for name in variables {
            let own = endpoint.environment[name] ?? ""
            // The last one wins: a variable that is read later and speaks of the same things has to end with ours.
            guard name == variables[0] || decides(own) else { continue }
            let words = name.hasPrefix("J") ? options.map(quoted) : options
            environment[name] = ((own.isEmpty ? [] : [own]) + words).joined(separator: " ")
        }
        return environment
    }

    private static func decides(_ options: String) -> Bool {
        ["proxyHost", "nonProxyHosts", "javax.net.ssl.trustStore"].contains { options.contains($0) }
    }

    private static func quoted(_ option: String) -> String {
        option.contains(where: \.isWhitespace) ? "\"\(option)\"" : option
    }

    /// The stores that the user's own options name.
    private static func ownStores(_ environment: [String: String]) -> [String] {
        let mark = "-Djavax.net.ssl.trustStore="
        var found: [String] = []
        for name in variables {
            for word in (environment[name] ?? "").split(whereSeparator: \.isWhitespace) {
                let plain = word.filter { $0 != "\"" && $0 != "'" }
                guard plain.hasPrefix(mark) else { continue }
                let path = String(plain.dropFirst(mark.count))
                if !path.isEmpty, path != "NONE", !found.contains(path) { found.append(path) }
            }
        }
        return found
    }

    /// `NO_PROXY` as Java says it: `|` between, `*` for the rest of a name or an address. A range that does not end at a
    /// dot cannot be said, so it is led through us.
    static func exceptions(_ noProxy: String) -> String {
        var words = ["localhost", "127.*", "[::1]"]
        for entry in noProxy.split(separator: ",").map(String.init) {
            let word: String?
            if let slash = entry.firstIndex(of: "/") {
                let parts = entry[..<slash].split(separator: ".")
                let bits = Int(entry[entry.index(after: slash)...]) ?? 0
                word =
                    parts.count == 4 && [8, 16, 24].contains(bits)
                    ? parts[..<(bits / 8)].joined(separator: ".") + ".*" : nil
            } else if entry.hasPrefix(".") {
                word = "*" + entry
            } else {
                word = entry.contains("::") ? nil : entry
            }
            if let word, !words.contains(word) { words.append(word) }
        }
        return words.joined(separator: "|")
    }
}
