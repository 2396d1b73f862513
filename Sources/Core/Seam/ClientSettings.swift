/// Where and how clients reach us.
public struct Endpoint: Sendable {
    public enum Mode: Sendable {
        /// The client keeps its registry and goes through us as its proxy, trusting the session's CA.
        case intercept
        /// The client's registry is our loopback address.
        case registry
    }

    public let mode: Mode
    /// `http://purser:SECRET@127.0.0.1:PORT`
    public let proxy: String
    public let host: String
    public let port: Int
    public let secret: String
    /// `http://127.0.0.1:PORT/SECRET/<type>/` is where the ecosystem's default origin is served.
    public let registryBase: String
    /// The system's certificates with the session's CA added, PEM.
    public let trustBundle: String
    /// The session's CA certificate alone, PEM.
    public let authority: String
    /// A private folder of the session in which setting files are written; absolute, without a slash at the end.
    public let folder: String
    /// The environment the command would have had, so that settings can add to what is there.
    public let environment: [String: String]
    /// Programs found on PATH, so that settings for absent clients are not written.
    public let clients: Set<String>

    public init(
        mode: Mode,
        host: String,
        port: Int,
        secret: String,
        folder: String,
        environment: [String: String] = [:],
        clients: Set<String> = []
    ) {
        self.mode = mode
        self.host = host
        self.port = port
        self.secret = secret
        self.proxy = "http://purser:\(secret)@\(host):\(port)"
        self.registryBase = "http://\(host):\(port)/\(secret)"
        self.trustBundle = "\(folder)/ca-bundle.pem"
        self.authority = "\(folder)/ca.pem"
        self.folder = folder
        self.environment = environment
        self.clients = clients
    }
}

/// What to set before a command starts, so that its clients come to us.
public struct ClientSettings: Hashable, Sendable {
    /// A file in the session's folder.
    public struct File: Hashable, Sendable {
        public let name: String
        public let contents: String
        /// A file of the user in whose place the client reads ours: its lines come first, and ours is for its owner alone.
        public let extending: String?
        /// Names of settings whose lines are left out of the user's: the text before `=`, in small letters, without
        /// blanks, `-` and `_`.
        public let replacing: Set<String>

        public init(name: String, contents: String, extending: String? = nil, replacing: Set<String> = []) {
            self.name = name
            self.contents = contents
            self.extending = extending
            self.replacing = replacing
        }

        /// What is to be written where the user's own file says `own`.
        public func contents(after own: String) -> String {
            let kept = own.split(separator: "\n").filter { line in
                let name = line.prefix { $0 != "=" }.lowercased().filter { !$0.isWhitespace && $0 != "-" && $0 != "_" }
                return !replacing.contains(name)
            }
            return kept.map { $0 + "\n" }.joined() + contents
        }
    }

    public var environment: [String: String]
    public var files: [File]

    public init(environment: [String: String] = [:], files: [File] = []) {
        self.environment = environment
        self.files = files
    }

    /// Later settings win.
    public mutating func merge(_ other: ClientSettings) {
        environment.merge(other.environment) { _, new in new }
        files += other.files
    }
}
