public import Core

extension Maven {
    public func pins(in document: [UInt8], named name: String) throws(Malformed) -> [Pin] {
        name == "verification-metadata.xml"
            ? try Maven.verificationPins(document) : try Maven.lockfilePins(document)
    }

    /// `GROUP:NAME:VERSION=CONFIGURATION,…`, one a line; it pins versions and no bytes.
    private static func lockfilePins(_ document: [UInt8]) throws(Malformed) -> [Pin] {
        guard let text = String(validating: document, as: UTF8.self) else {
            throw Malformed("the lockfile is not UTF-8")
        }
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            guard !line.hasPrefix("#") else { return nil }
            let parts = line.prefix { $0 != "=" }.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            return release(String(parts[0]), String(parts[1]), String(parts[2])).map { Pin(release: $0) }
        }
    }

    /// Gradle's `gradle/verification-metadata.xml`.
    private static func verificationPins(_ document: [UInt8]) throws(Malformed) -> [Pin] {
        let xml = try XMLDocument(document)
        guard xml.root.name == "verification-metadata" else { throw Malformed("the file verifies no dependencies") }
        var pins: [Pin] = []
        for component in xml.elements(at: "components", "component") {
            guard let group = component.attributes["group"], let name = component.attributes["name"],
                let version = component.attributes["version"], let purl = release(group, name, version)
            else { continue }
            for artifact in xml.children(of: component, named: "artifact") {
                guard let file = artifact.attributes["name"] else { continue }
                let digests = artifact.children.compactMap { digest(xml.elements[$0], in: xml) }
                if !digests.isEmpty { pins.append(Pin(release: purl, file: file, digests: digests)) }
            }
        }
        return pins
    }

    /// Nil for what is no checksum, and for one beside which others are trusted too: a pin is one promise.
    private static func digest(_ element: XMLElement, in xml: XMLDocument) -> Digest? {
        guard let algorithm = Digest.Algorithm(rawValue: element.name), algorithm.isOfBytes,
            let hex = element.attributes["value"], xml.children(of: element, named: "also-trust").isEmpty
        else { return nil }
        return Digest(algorithm, hex: hex)
    }

    private static func release(_ group: String, _ name: String, _ version: String) -> Purl? {
        guard [group, name, version].allSatisfy(MavenVersion.isVersion) else { return nil }
        return Purl(type: "maven", namespace: group, name: name, version: version)
    }
}
