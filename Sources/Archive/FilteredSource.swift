internal import CArchive

/// What libarchive decodes of xz, bzip2, zstd and lz4; a class because libarchive keeps a pointer to it.
@safe final class FilteredSource: ByteSource {
    private let handle: OpaquePointer
    private let source: RegionSource
    private let input: UnsafeMutableRawBufferPointer
    private var failure: ArchiveError?
    private var isOpen = false
    private var hasEnded = false

    init(_ source: RegionSource, compression: FileRegion.Compression) throws(ArchiveError) {
        guard let handle = unsafe archive_read_new() else { fatalError("out of memory") }
        unsafe self.handle = handle
        self.source = source
        unsafe input = .allocate(byteCount: 65_536, alignment: 16)
        // Exactly this filter: guessing would let archives be wrapped dozens of times.
        let filter =
            switch compression {
            case .xz: ARCHIVE_FILTER_XZ
            case .bzip2: ARCHIVE_FILTER_BZIP2
            case .zstd: ARCHIVE_FILTER_ZSTD
            case .lz4: ARCHIVE_FILTER_LZ4
            case .gzip, .zlib, .none: ARCHIVE_FILTER_NONE
            }
        try check(unsafe archive_read_append_filter(handle, filter))
        try check(unsafe archive_read_support_format_raw(handle))
    }

    deinit {
        unsafe archive_read_free(handle)
        unsafe input.deallocate()
    }

    func next() throws(ArchiveError) -> [UInt8] {
        if !isOpen { try open() }
        guard !hasEnded else { return [] }
        var count = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, used in
            count = unsafe archive_read_data(handle, buffer.baseAddress, buffer.count)
            used = Swift.max(0, count)
        }
        guard count >= 0 else { throw reason() }
        hasEnded = count == 0
        return bytes
    }

    private func open() throws(ArchiveError) {
        isOpen = true
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        try check(unsafe archive_read_open(handle, me, nil, lendPiece, nil))
        var entry: OpaquePointer?
        let status = unsafe archive_read_next_header(handle, &entry)
        hasEnded = status == ARCHIVE_EOF
        if !hasEnded { try check(status) }
    }

    /// Gives libarchive the next piece, in memory that stays until it asks again.
    fileprivate func lend(_ block: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
        do throws(ArchiveError) {
            let bytes = try source.next()
            unsafe input.copyBytes(from: bytes)
            unsafe block?.pointee = UnsafeRawPointer(input.baseAddress)
            return bytes.count
        } catch {
            failure = error
            return Int(ARCHIVE_FATAL)
        }
    }

    private func check(_ status: CInt) throws(ArchiveError) {
        guard status == ARCHIVE_OK else { throw reason() }
    }

    private func reason() -> ArchiveError {
        if let failure { return failure }
        return .malformed(
            unsafe archive_error_string(handle).map { unsafe String(cString: $0) } ?? "compressed bytes are damaged"
        )
    }
}

/// libarchive's way to ask a `FilteredSource`, its client, for the next piece.
private func lendPiece(
    _ archive: OpaquePointer?,
    _ client: UnsafeMutableRawPointer?,
    _ block: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
    guard let client = unsafe client else { return Int(ARCHIVE_FATAL) }
    return unsafe Unmanaged<FilteredSource>.fromOpaque(client).takeUnretainedValue().lend(block)
}

/// The decoded bytes of a region, counted against the limits.
final class MeteredSource: ByteSource {
    private let raw: RegionSource
    private let source: any ByteSource
    private let limits: ArchiveLimits
    private var total: Int64 = 0

    init(_ region: FileRegion, limits: ArchiveLimits) throws(ArchiveError) {
        raw = RegionSource(region)
        self.limits = limits
        source =
            switch try region.compression {
            case .none: raw
            case .gzip: InflatedSource(raw, framing: .gzip)
            case .zlib: InflatedSource(raw, framing: .zlib)
            case let other: try FilteredSource(raw, compression: other)
            }
    }

    func next() throws(ArchiveError) -> [UInt8] {
        let bytes = try source.next()
        total += Int64(bytes.count)
        guard total <= limits.totalBytes else { throw .tooLarge("expands past \(limits.totalBytes) bytes") }
        guard total <= ArchiveLimits.unratedBytes || total / limits.ratio <= raw.consumed else {
            throw .tooLarge("expands more than \(limits.ratio) to 1")
        }
        return bytes
    }
}
