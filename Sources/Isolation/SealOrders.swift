/// What a sealed command gets to see, as the agent tells the helper inside.
public struct SealOrders: Hashable, Sendable {
    /// The session's folder, which is covered, and the part of it that clients read their settings from.
    public var session: String
    public var clients: String
    /// Where the command runs.
    public var folder: String
    /// Folders that are covered: the agent's caches.
    public var hidden: [String] = []
    /// Unix sockets that something outside answers.
    public var sockets: [String] = []
    /// The merged certificates, below `clients`, and the session's own with the name under which OpenSSL looks it up.
    public var bundle: String
    public var authority: String
    public var authorityHash: String
    /// The texts of `/etc/resolv.conf` and `/etc/hosts`.
    public var resolver: String
    public var hosts: String
    /// The name server's address and the port that clients' settings name.
    public var nameServer: UInt32
    public var proxyPort: UInt16
    /// Addresses beyond loopback's own that a declared service is asked at.
    public var addresses: [UInt32] = []
    /// Whom the command runs as, where that is not the helper.
    var user: UInt32?
    /// How many sockets the agent gets for the addresses it gives to names.
    static let pool = 200

    public init(session: String, clients: String, folder: String) {
        self.session = session
        self.clients = clients
        self.folder = folder
        bundle = "\(clients)/ca-bundle.pem"
        authority = "\(clients)/ca.pem"
        authorityHash = ""
        resolver = ""
        hosts = ""
        nameServer = 0x7F00_0035
        proxyPort = 0
    }

    var fields: Fields {
        var fields = Fields()
        fields.add("prepare", as: "order")
        for (name, value) in [
            ("session", session), ("clients", clients), ("folder", folder), ("bundle", bundle),
            ("authority", authority), ("hash", authorityHash), ("resolver", resolver), ("hosts", hosts),
            ("server", "\(nameServer)"), ("proxy", "\(proxyPort)"),
        ] {
            fields.add(value, as: name)
        }
        if let user { fields.add("\(user)", as: "user") }
        fields.add(hidden, as: "hidden")
        fields.add(sockets, as: "socket")
        fields.add(addresses.map(String.init), as: "address")
        return fields
    }

    init(_ fields: Fields) {
        self.init(session: fields["session"], clients: fields["clients"], folder: fields["folder"])
        bundle = fields["bundle"]
        authority = fields["authority"]
        authorityHash = fields["hash"]
        resolver = fields["resolver"]
        hosts = fields["hosts"]
        nameServer = UInt32(fields["server"]) ?? nameServer
        proxyPort = UInt16(fields["proxy"]) ?? 0
        user = UInt32(fields["user"])
        hidden = fields.list("hidden")
        sockets = fields.list("socket")
        addresses = fields.list("address").compactMap { UInt32($0) }
    }
}
