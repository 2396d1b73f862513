/// One header line of a request or an answer, name and value as they were sent.
public struct HeaderField: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    public init(name: String, value: String) {
        self.init(name, value)
    }

    /// True for a field of this name, whose letters may be of either case.
    public func isNamed(_ name: String) -> Bool {
        let own = self.name.utf8
        let other = name.utf8
        return own.count == other.count && zip(own, other).allSatisfy { HeaderField.lower($0) == HeaderField.lower($1) }
    }

    /// The fields in which registries take credentials.
    public static let credentialFields = [
        "Authorization", "Cookie", "Private-Token", "Job-Token", "Deploy-Token", "X-JFrog-Art-Api", "X-Api-Key",
        "X-Auth-Token", "X-Access-Token", "X-NuGet-ApiKey",
    ]
    private static let credentialLengths = Set(credentialFields.map(\.utf8.count))

    /// True for a field that may hold a credential.
    public var isCredential: Bool {
        HeaderField.credentialLengths.contains(name.utf8.count) && HeaderField.credentialFields.contains(where: isNamed)
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}

extension [HeaderField] {
    /// The value of the first field of this name.
    public func first(_ name: String) -> String? {
        first { $0.isNamed(name) }?.value
    }

    /// The values of all fields of this name, in order.
    public func values(_ name: String) -> [String] {
        compactMap { $0.isNamed(name) ? $0.value : nil }
    }

    /// All lines of this name as one list; nil when there is none.
    public func joined(_ name: String) -> String? {
        let lines = values(name)
        return lines.isEmpty ? nil : lines.joined(separator: ", ")
    }
}
