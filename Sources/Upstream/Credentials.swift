public import Core

/// Credentials of ours (not the client's), each bound to scheme, host, port and path segment. They are sent to that
/// place and to no other, not across a redirect either.
public struct Credentials: Sendable {
    /// One credential and the only place it is for.
    public struct Entry: Sendable {
        let place: HTTPURL
        /// A whole `Authorization` value.
        let authorization: Secret

        public init(place: HTTPURL, authorization: Secret) {
            self.place = place
            self.authorization = authorization
        }
    }

    private let entries: [Entry]
    private let netrc: [String: Secret]

    /// `netrc` is the text of a netrc file; its machines are matched by host name over https only.
    public init(entries: [Entry] = [], netrc: String = "") {
        self.entries = entries.sorted { $0.place.path.utf8.count > $1.place.path.utf8.count }
        self.netrc = Credentials.machines(netrc)
    }

    /// The `Authorization` value for this URL, the most particular place first.
    func authorization(for url: HTTPURL) -> Secret? {
        if let entry = entries.first(where: { Credentials.covers($0.place, url) }) { return entry.authorization }
        // A netrc line names only a host, so it is not sent where anybody could listen.
        return url.origin.scheme == .https ? netrc[url.origin.host] : nil
    }

    private static func covers(_ place: HTTPURL, _ url: HTTPURL) -> Bool {
        guard place.origin == url.origin else { return false }
        let folder = place.path.hasSuffix("/") ? place.path : place.path + "/"
        return url.path == place.path || url.path.hasPrefix(folder)
    }

    /// A `Basic` value.
    public static func basic(user: String, password: String) -> Secret {
        Secret("Basic " + Base64.encode(Array("\(user):\(password)".utf8)))
    }

    private static func machines(_ text: String) -> [String: Secret] {
        var found: [String: Secret] = [:]
        var words = text.split(separator: "\n").filter { !$0.drop(while: \.isWhitespace).hasPrefix("#") }
            .flatMap { $0.split(whereSeparator: \.isWhitespace) }[...]
        var machine: String?
        var login = ""
        while let word = words.popFirst() {
            switch word {
            case "machine":
                machine = words.popFirst()?.lowercased()
                login = ""
            case "login": login = words.popFirst().map(String.init) ?? ""
            case "password":
                guard let password = words.popFirst(), let host = machine, found[host] == nil else { continue }
                found[host] = basic(user: login, password: String(password))
            // A default entry would send a password to every host.
            case "default": machine = nil
            default: break
            }
        }
        return found
    }
}
