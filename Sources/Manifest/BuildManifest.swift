public import Core
internal import JSONText

/// `purser.lock`: what really came in and went out of a build, and nothing else.
///
/// A value is always settled: sorted, without duplicates. Equal builds therefore give equal values, and equal values
/// equal bytes, whatever the order in which a job happened to fetch.
public struct BuildManifest: Hashable, Sendable {
    public let inputs: [Input]
    public let tools: [Tool]
    /// Nil when the job named no artifacts.
    public let artifacts: [Output]?
    /// Empty is a statement: nothing went past us.
    public let gaps: [Gap]

    public static let format: Int64 = 1

    public init(inputs: [Input], tools: [Tool] = [], artifacts: [Output]? = nil, gaps: [Gap] = []) {
        self.inputs = inputs.map(\.settled).settled(by: \.sortKey) { $0.merged(with: $1) }
        self.tools = tools.settled(by: \.sortKey) { first, _ in first }
        self.artifacts = artifacts?.map(\.settled).settled(by: \.sortKey) { first, _ in first }
        self.gaps = gaps.settled(by: \.sortKey) { first, _ in first }
    }

    /// Reads exactly what `canonicalBytes` prints; any other spelling of it is refused too.
    public init(parsing bytes: [UInt8], maximumBytes: Int = 64 << 20) throws(Malformed) {
        self = try document(bytes, maximumBytes: maximumBytes, BuildManifest.read)
        try checkCanonical(bytes, is: canonicalBytes())
    }

    /// Reads a file a person named: the same, with the problem they see.
    public static func read(_ bytes: [UInt8], named name: String) throws(Problem) -> BuildManifest {
        do {
            return try BuildManifest(parsing: bytes)
        } catch {
            throw Problem(
                .manifestMalformed,
                subject: name,
                summary: "is no build manifest: \(error)",
                remedy: "Restore the file from the commit or the registry; purser.lock is written by purser alone."
            )
        }
    }

    /// RFC 8785. Its sha256 is the manifest's identity.
    public func canonicalBytes() -> [UInt8] { json.canonicalBytes() }

    /// Every input with these bytes.
    public func inputs(withSHA256 hex: String) -> [Input] { inputs.filter { $0.sha256 == hex } }
}

extension BuildManifest {
    private static func read(_ fields: inout JSONFields) throws(JSONFieldError) -> BuildManifest {
        let format = try fields.required("purser")
        guard try format.count() == BuildManifest.format else {
            throw format.refused("is a format that this purser does not know; it reads \(BuildManifest.format)")
        }
        return BuildManifest(
            inputs: try fields.required("inputs").list(Input.read),
            tools: try fields.required("tools").list(Tool.read),
            artifacts: try fields.optional("artifacts")?.list(Output.read),
            gaps: try fields.required("gaps").list(Gap.read)
        )
    }

    private var json: JSON {
        .object(present: [
            "purser": .integer(BuildManifest.format),
            "inputs": .array(inputs.map(\.json)),
            "tools": .array(tools.map(\.json)),
            "artifacts": artifacts.map { .array($0.map(\.json)) },
            "gaps": .array(gaps.map(\.json)),
        ])
    }
}
