/// How far a command is kept from the network except through us, weakest first.
public enum Tier: String, CaseIterable, Comparable, Sendable {
    /// Settings lead clients to us; nothing holds back those that go another way.
    case none
    /// TCP to other ports than ours is refused by the kernel, all else is not: it stops accidents.
    case fencePort = "fence-port"
    /// Each connect is looked at and made by us; other ways out are refused.
    case fence
    /// Namespaces of its own, in which there is nothing but us.
    case seal

    public static func < (a: Tier, b: Tier) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}

/// What was reached for a command, as the record says it.
public struct Confinement: Hashable, Sendable {
    public var tier: Tier
    /// Nothing can have gone past us.
    public var isComplete: Bool
    /// Why it is not complete.
    public var reason: String?
    /// Why no stronger tier was taken, for people.
    public var notices: [String]

    public init(_ tier: Tier, isComplete: Bool = false, reason: String? = nil, notices: [String] = []) {
        self.tier = tier
        self.isComplete = isComplete
        self.reason = reason
        self.notices = notices
    }

    /// Settings only.
    public static let none = Confinement(
        .none,
        reason: "same user: settings lead clients here, nothing keeps them from going round"
    )
}

/// Why a command could not be confined.
public struct ConfinementError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
