import Archive
import Foundation
import Testing

@Suite struct ZipTests {
    private static let folder = Scratch.fixtures.appending(path: "warehouse-zip")

    private func inspect(_ path: String, isLenient: Bool = false) throws -> ArchiveContents {
        try ArchiveScan.inspect(path: path, kind: .zip, allowsDataDescriptors: isLenient) { _ in true }
    }

    @Test func takesWhatPyPITakes() throws {
        let names = try Scratch.names(in: "warehouse-zip/accept")
        #expect(names.count == 10)
        for name in names {
            let path = Self.folder.appending(path: "accept/\(name)").path
            for isLenient in [false, true] {
                #expect(throws: Never.self, "\(name)") { _ = try inspect(path, isLenient: isLenient) }
            }
        }
        let path = Self.folder.appending(path: "accept/subdir.zip").path
        let contents = try inspect(path)
        #expect(contents.entries.map(\.path) == ["foo", "foo/bar"])
        #expect(contents.entries.map(\.kind) == [.directory, .file])
        #expect(contents.kept["foo/bar"]?.count == 8)
    }

    @Test func refusesWhatPyPIRefusesInItsWords() throws {
        let table = try Data(contentsOf: Self.folder.appending(path: "expected-errors.json"))
        let expected = try JSONDecoder().decode([String: String].self, from: table)
        let names = try Scratch.names(in: "warehouse-zip/reject")
        #expect(names.count == 35)
        for name in names {
            let path = Self.folder.appending(path: "reject/\(name)").path
            let error = try #require(throws: ArchiveError.self, "\(name)") { _ = try inspect(path) }
            // Its end record names a second disk, which we say first.
            guard name != "missing_local_file.zip", let words = expected[name] else { continue }
            #expect(error.message.contains(words), "\(name)")
        }
    }

    @Test func dataDescriptorsMustAgreeWhereTheyAreAllowed() throws {
        let good = ["data_descriptor.zip", "data_descriptor_zip64.zip"]
        for name in try Scratch.names(in: "warehouse-zip/reject") where name.hasPrefix("data_descriptor") {
            let path = Self.folder.appending(path: "reject/\(name)").path
            if good.contains(name) {
                let contents = try inspect(path, isLenient: true)
                #expect(contents.kept["fixme"]?.count == 5, "\(name)")
            } else {
                #expect(throws: ArchiveError.self, "\(name)") { _ = try inspect(path, isLenient: true) }
            }
        }
    }

    @Test func keepsOnlyWhatIsWantedWithinTheLimit() throws {
        let path = Self.folder.appending(path: "accept/deflate.zip").path
        let none = try ArchiveScan.inspect(path: path, kind: .zip) { _ in false }
        #expect(none.kept.isEmpty)
        #expect(none.entries.count == 1)
        let limits = ArchiveLimits(entryBytes: 7)
        #expect(throws: ArchiveError.self) {
            _ = try ArchiveScan.inspect(path: path, kind: .zip, limits: limits) { _ in true }
        }
        #expect(throws: ArchiveError.self) {
            _ = try ArchiveScan.inspect(path: path, kind: .zip, limits: ArchiveLimits(totalBytes: 7)) { _ in false }
        }
    }

    @Test func refusesEveryDamagedByteOrReadsTheSame() throws {
        let scratch = try Scratch()
        let original = [UInt8](try Data(contentsOf: Self.folder.appending(path: "accept/normal_deflate.zip")))
        for place in original.indices {
            var bytes = original
            bytes[place] ^= 0x41
            let path = try scratch.file(bytes)
            guard let contents = try? inspect(path) else { continue }
            // Times, versions and attributes are nobody's claim.
            #expect(contents.kept["fixme"]?.count == 5, "byte \(place)")
        }
        for count in original.indices {
            let path = try scratch.file(Array(original[..<count]))
            #expect(throws: ArchiveError.self) { _ = try inspect(path) }
        }
    }

    @Test func aMissingFileOrAFolderIsUnreadable() throws {
        #expect(throws: ArchiveError.self) { _ = try inspect("/nonexistent/x.zip") }
        #expect(throws: ArchiveError.unreadable("not a regular file")) { _ = try inspect("/") }
    }
}
