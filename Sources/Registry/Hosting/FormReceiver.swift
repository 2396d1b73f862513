internal import Core
internal import Storage

/// Takes an upload form as it arrives: fields into memory, its one file into a staged file.
struct FormReceiver {
    private let store: BlobStore
    private let fileLimit: Int64
    private let fieldLimit = 1 << 20
    /// All fields together, so that a thousand of them stay small too.
    private let fieldsLimit = 4 << 20
    private var reader: MultipartReader
    private var current: (name: String, isFile: Bool)?
    private var value: [UInt8] = []
    private var fieldBytes = 0
    private(set) var fields: [(name: String, value: String)] = []
    private(set) var file: (name: String, staging: Staging)?

    init(contentType: String?, store: BlobStore, fileLimit: Int64) throws(Declined) {
        guard let contentType, let reader = MultipartReader(contentType: contentType) else {
            throw .malformed("the body", "is no multipart/form-data with a boundary")
        }
        self.reader = reader
        self.store = store
        self.fileLimit = fileLimit
    }

    mutating func feed(_ bytes: [UInt8]) throws(Declined) {
        let events: [MultipartReader.Event]
        do { events = try reader.feed(bytes) } catch { throw FormReceiver.declined(error) }
        for event in events {
            switch event {
            case .part(let name, let file): try begin(name, file)
            case .content(let bytes): try take(bytes)
            case .partEnd: try end()
            }
        }
    }

    /// What came, once the form's end was seen.
    func finished() throws(Declined) -> (form: PublicationForm, staging: Staging) {
        guard reader.isComplete else { throw .malformed("the form", "ended before its closing boundary") }
        guard let file else { throw .malformed("the form", "Upload payload does not have a file.") }
        let form = PublicationForm(
            fields: fields,
            file: file.name,
            size: file.staging.size,
            digests: file.staging.digests
        )
        return (form, file.staging)
    }

    private mutating func begin(_ name: String, _ file: String?) throws(Declined) {
        current = (name, name == "content")
        value = []
        guard name == "content" else { return }
        guard self.file == nil else { throw .malformed("the form", "has two files") }
        guard let file, !file.isEmpty, file.utf8.count <= 255,
            file.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F && $0 != 0x5C })
        else { throw .malformed("the form", "has a file without a name that can be hosted") }
        do { self.file = (file, try store.stage([.md5])) } catch { throw Declined(error) }
    }

    private mutating func take(_ bytes: [UInt8]) throws(Declined) {
        guard let current else { return }
        if current.isFile, let staging = file?.staging {
            guard staging.size + Int64(bytes.count) <= fileLimit else { throw .tooLarge("the file", limit: fileLimit) }
            do { try staging.append(bytes) } catch { throw Declined(error) }
        } else {
            fieldBytes += bytes.count
            guard value.count + bytes.count <= fieldLimit, fieldBytes <= fieldsLimit else {
                throw .tooLarge("the field \(current.name.prefix(40))", limit: Int64(fieldLimit))
            }
            value += bytes
        }
    }

    private mutating func end() throws(Declined) {
        guard let current else { return }
        self.current = nil
        if current.isFile { return }
        guard let text = String(validating: value, as: UTF8.self) else {
            throw .malformed("the field \(current.name.prefix(40))", "is not UTF-8")
        }
        fields.append((current.name, text))
    }

    private static func declined(_ failure: MultipartReader.Failure) -> Declined {
        switch failure {
        case .malformed(let what): .malformed("the form", what)
        case .tooManyParts(let limit): .tooLarge("the number of parts", limit: Int64(limit), of: "")
        case .headTooLong(let limit): .tooLarge("the head of a part", limit: Int64(limit))
        }
    }
}
