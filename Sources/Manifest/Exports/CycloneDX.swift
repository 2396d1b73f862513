public import Core
internal import JSONText

/// A CycloneDX 1.6 bill of materials: what came in as components, what went out as the component they made.
///
/// Everything in it stands in the manifest, but for the answer to whether anything may be missing: that is the statement's
/// to give. There is no time in it, so equal builds have equal bills.
public struct CycloneDX: Sendable {
    private let manifest: BuildManifest
    /// Of `purser.lock`.
    private let digest: Digest
    /// Of the program that writes the bill.
    private let version: String
    /// True only where the statement says so.
    private let isComplete: Bool

    public init(_ manifest: BuildManifest, digest: Digest, version: String, isComplete: Bool) {
        self.manifest = manifest
        self.digest = digest
        self.version = version
        self.isComplete = isComplete
    }

    /// Two blanks of indent, keys sorted, a line feed at the end.
    public func bytes() -> [UInt8] {
        let bill: JSON = .object(present: [
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "serialNumber": .string(serialNumber),
            "metadata": metadata,
            "components": .array(manifest.inputs.map(component)),
            "compositions": [["aggregate": .string(aggregate)]],
            "formulation": manifest.tools.isEmpty ? nil : [["components": .array(manifest.tools.map(component))]],
            "properties": .properties(manifest.gaps.map { ("purser:gap", "\($0.kind) \($0.host)") }),
        ])
        return bill.prettyBytes()
    }

    /// A UUID of version 8 out of the manifest's digest: the same build, the same number.
    private var serialNumber: String {
        var digits = Array(digest.hex.prefix(32))
        digits[12] = "8"
        digits[16] = "a"
        let ends = [8, 12, 16, 20, 32]
        let parts = zip([0] + ends, ends).map { String(digits[$0..<$1]) }
        return "urn:uuid:" + parts.joined(separator: "-")
    }

    private var aggregate: String {
        guard manifest.gaps.isEmpty else { return "incomplete" }
        return isComplete ? "complete" : "unknown"
    }

    private var metadata: JSON {
        .object(present: [
            "lifecycles": [["phase": "build"]],
            "tools": ["components": [["type": "application", "name": "purser", "version": .string(version)]]],
            "component": made,
            "properties": .properties([("purser:manifest", digest.description)]),
        ])
    }

    /// The one artifact, or a build that holds them all; nil where the job named none.
    private var made: JSON? {
        guard let artifacts = manifest.artifacts, let first = artifacts.first else { return nil }
        if artifacts.count == 1 { return component(first, type: "application") }
        return [
            "type": "application", "bom-ref": "build", "name": "build",
            "components": .array(artifacts.map { component($0, type: "file") }),
        ]
    }

    private func component(_ input: Input) -> JSON {
        var properties = [
            ("purser:file", input.file), ("purser:size", "\(input.size)"), ("purser:origin", input.origin),
        ]
        properties += input.claimed.map { claim in
            ("purser:claim", "\(claim.by) \(claim.digest.algorithm.rawValue) \(claim.agrees ? "agrees" : "disagrees")")
        }
        if let published = input.published {
            properties.append(("purser:published", "\(published.time) (\(published.basis.rawValue))"))
        }
        if let evidence = input.evidence {
            let verified = evidence.isVerified ? "verified" : "not verified"
            properties.append(("purser:evidence", "\(evidence.kind.rawValue) (\(verified))"))
        }
        properties += input.via.map { ("purser:via", $0.description) }
        return .object(present: [
            "type": .string(CycloneDX.kind(of: input.purl)),
            "bom-ref": .string("\(input.purl)|\(input.file)|\(input.sha256)"),
            "group": input.purl.namespace.map(JSON.string),
            "name": .string(input.purl.name),
            "version": input.purl.version.map(JSON.string),
            "purl": .text(input.purl),
            "hashes": .hashes(input.digests),
            "licenses": input.license.map { [["license": ["name": .string($0)]]] },
            "externalReferences": [["type": "distribution", "url": .string(input.url)]],
            "properties": .properties(properties),
        ])
    }

    private func component(_ output: Output, type: String) -> JSON {
        .object(present: [
            "type": .string(type),
            "bom-ref": .string("\(output.path)|\(output.sha256)"),
            "name": .string(output.purl?.name ?? output.name),
            "group": (output.purl?.namespace).map(JSON.string),
            "version": (output.purl?.version).map(JSON.string),
            "purl": .text(output.purl),
            "hashes": .hashes(output.digests),
            "properties": .properties([("purser:file", output.path), ("purser:size", "\(output.size)")]),
        ])
    }

    private func component(_ tool: Tool) -> JSON {
        .object(present: [
            "type": "application",
            "name": .string(tool.name),
            "version": .string(tool.version),
            "hashes": tool.digest.flatMap { .hashes([$0]) },
            "properties": .properties([("purser:origin", tool.origin)]),
        ])
    }

    private static func kind(of purl: Purl) -> String {
        switch purl.type {
        case "oci", "docker": "container"
        case "generic": "file"
        default: "library"
        }
    }
}

extension JSON {
    /// Nil for none, since a list of none says that somebody looked.
    fileprivate static func hashes(_ digests: [Digest]) -> JSON? {
        let hashes = digests.compactMap { digest -> JSON? in
            let name: String
            switch digest.algorithm {
            case .sha256: name = "SHA-256"
            case .sha384: name = "SHA-384"
            case .sha512: name = "SHA-512"
            case .sha1: name = "SHA-1"
            case .md5: name = "MD5"
            case .h1: return nil
            }
            return ["alg": .string(name), "content": .string(digest.hex)]
        }
        return hashes.isEmpty ? nil : .array(hashes)
    }

    fileprivate static func properties(_ pairs: [(String, String)]) -> JSON? {
        pairs.isEmpty ? nil : .array(pairs.map { ["name": .string($0), "value": .string($1)] })
    }
}
