using ActivityConnector.Pipeline;
using ActivityConnector.Transforms.Fields;

namespace ActivityConnector.Warehouse;

/// <summary>
/// Events as a folder of Parquet files that DuckDB, Spark and BigQuery read as one table, partitioned by vendor and day. What the folder has already
/// is kept, and no event stands in it twice, however often and with whatever bounds it is exported.
/// </summary>
/// <remarks>
/// Memory is bounded by <c>bufferBytes</c> of events and a small multiple of it while a file is written. An export that ends early leaves complete
/// files only; the next one adds the rest. Not thread-safe; one process writes a folder at a time.
/// </remarks>
internal sealed class ParquetExport : IDisposable
{
    private readonly string _folder;
    private readonly EventColumns _columns;
    private readonly long _bufferBytes;
    private readonly FileStream _lock;
    private readonly Dictionary<(string Source, DateOnly Day), List<JournalEvent>> _waiting = [];
    private readonly SortedDictionary<string, ExportedSource> _exported = new(StringComparer.Ordinal);
    private long _waitingBytes;

    private ParquetExport(string folder, IEnumerable<EventField> fields, long bufferBytes, FileStream held)
    {
        (_folder, _columns, _bufferBytes, _lock) = (folder, new EventColumns(fields), bufferBytes, held);
    }

    /// <summary>Makes the folder where it is missing, and keeps other exports out of it until this one is disposed.</summary>
    /// <exception cref="IOException">Another export is writing there, or the folder cannot be written.</exception>
    public static ParquetExport Open(string folder, IEnumerable<EventField> fields, long bufferBytes = 16 << 20)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, ".export.lock");
        try
        {
            return new(folder, fields, bufferBytes, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException($"Another export is writing to {folder}. Start this one when it has ended, or give another folder.", e);
        }
    }

    /// <summary>Adds the events that the folder does not have.</summary>
    /// <returns>What was done, a row a vendor.</returns>
    /// <exception cref="IOException">The folder cannot be written, or has a file that is none of an export.</exception>
    public async Task<IReadOnlyCollection<ExportedSource>> RunAsync(IAsyncEnumerable<JournalEvent> events, CancellationToken cancellationToken)
    {
        await foreach (var e in events.WithCancellation(cancellationToken))
        {
            var key = (e.Source.Source, DateOnly.FromDateTime(e.Time.UtcDateTime));
            if (!_waiting.TryGetValue(key, out var some)) _waiting.Add(key, some = []);

            // A copy: what it is a part of may be larger.
            some.Add(e with { Json = e.Json.ToArray() });
            _waitingBytes += e.Json.Length;
            while (_waitingBytes > _bufferBytes) await WriteOneAsync(cancellationToken);
        }

        while (_waiting.Count > 0) await WriteOneAsync(cancellationToken);

        return _exported.Values;
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>Writes the day that has got no event for the longest time: as the journal is mostly in the order of time, it is likely to be whole.</summary>
    private async Task WriteOneAsync(CancellationToken cancellationToken)
    {
        var ((source, day), events) = _waiting.MinBy(day => day.Value[^1].Position);
        var added = await new DayPartition(_folder, source, day).AddAsync(events, _columns, cancellationToken);
        _waiting.Remove((source, day));
        _waitingBytes -= events.Sum(e => (long)e.Json.Length);
        var before = _exported.GetValueOrDefault(source) ?? new(source, day, day, 0, 0, 0);
        _exported[source] = before with
        {
            FirstDay = day < before.FirstDay ? day : before.FirstDay,
            LastDay = day > before.LastDay ? day : before.LastDay,
            Files = before.Files + (added > 0 ? 1 : 0),
            Added = before.Added + added,
            AlreadyThere = before.AlreadyThere + events.Count - added,
        };
    }
}

/// <summary>What an export did for one vendor.</summary>
/// <param name="FirstDay">The first day (UTC) that one of the events happened on.</param>
/// <param name="Files">How many files were written.</param>
/// <param name="AlreadyThere">How many of the events the folder had before.</param>
internal sealed record ExportedSource(string Source, DateOnly FirstDay, DateOnly LastDay, int Files, long Added, long AlreadyThere);
