internal import Core
internal import JSONText

/// yarn.lock of yarn 2 and later. Its `checksum` is of the archive that yarn made of a tarball, so an entry promises a
/// release and no bytes.
enum BerryLock {
    static func pins(in document: [UInt8]) throws(Malformed) -> [Pin] {
        let entries = try YAMLTree.read(document).members ?? [:]
        return entries.sorted { $0.key < $1.key }.compactMap { _, entry in
            guard let resolution = entry["resolution"]?.string, let version = entry["version"]?.string else {
                return nil
            }
            return pin(resolution, version)
        }
    }

    /// `NAME@npm:VERSION` with `::__archiveUrl=…` behind it where the tarball lies at an odd place. What comes from a
    /// workspace, from git or out of a patch is no release.
    private static func pin(_ resolution: String, _ version: String) -> Pin? {
        guard let at = resolution.dropFirst().firstIndex(of: "@") else { return nil }
        let reference = resolution[resolution.index(after: at)...]
        guard reference.hasPrefix("npm:"), let package = try? Npm.package(String(resolution[..<at])),
            NpmVersion(version) != nil
        else { return nil }
        let mark = "::__archiveUrl="
        guard let place = reference.firstRange(of: mark) else { return Pin(release: package.at(version)) }
        let code = reference[place.upperBound...].prefix { $0 != "&" }
        guard let link = PercentEncoding.decode(String(code)), let url = try? HTTPURL(link) else { return nil }
        return Pin(release: package.at(version), file: url.file, url: url.withoutFragment)
    }
}
