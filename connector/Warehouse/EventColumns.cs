using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ActivityConnector.Pipeline;
using ActivityConnector.Transforms.Fields;
using Parquet;
using Parquet.Schema;

namespace ActivityConnector.Warehouse;

/// <summary>The columns of every file of an export, the same ones in the same order: who the event is, a column a field, and the whole event as JSON.</summary>
/// <remarks>Not thread-safe: it holds the rows that are being written.</remarks>
internal sealed class EventColumns
{
    public const string DocumentId = "document_id";
    public const string Account = "account";
    public const string CommittedAt = "committed_at";
    public const string EventJson = "event_json";

    private const string Time = "@timestamp";

    private static readonly ParquetOptions Options = new() { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Optimal };

    private readonly EventColumn _documentId = new(DocumentId, FieldType.Keyword, isRequired: true);
    private readonly EventColumn _account = new(Account, FieldType.Keyword, isRequired: true);
    private readonly EventColumn _committedAt = new(CommittedAt, FieldType.Date, isRequired: true);
    private readonly EventColumn _time;
    private readonly List<(string Name, EventColumn Column)> _fields;
    private readonly EventColumn _json = new(EventJson, FieldType.Text, isRequired: true);
    private readonly List<EventColumn> _all;
    private readonly ParquetSchema _schema;

    /// <param name="fields">The fields of events. Those with open names, and the vendor's own text, are only in the JSON.</param>
    public EventColumns(IEnumerable<EventField> fields)
    {
        var columns = fields.Where(field => !field.IsOpen && field.Name != "event.original").ToList();
        _time = new(EventColumn.NameOf(columns.Single(field => field.Name == Time)), FieldType.Date, isRequired: true);
        _fields = [.. columns.Where(field => field.Name != Time).Select(field => (field.Name, EventColumn.Of(field)))];
        _all = [_documentId, _account, _committedAt, _time, .. _fields.Select(field => field.Column), _json];
        _schema = new ParquetSchema(_all.Select(column => column.Field));
    }

    /// <summary>Writes a whole file with these events as its only group of rows.</summary>
    /// <param name="file">Not closed.</param>
    public async Task WriteAsync(IReadOnlyList<JournalEvent> events, Stream file, CancellationToken cancellationToken)
    {
        foreach (var e in events) Add(e);

        await using var writer = await ParquetWriter.CreateAsync(_schema, file, Options, cancellationToken: cancellationToken);
        using var group = writer.CreateRowGroup();
        foreach (var column in _all)
        {
            await column.WriteAsync(group, cancellationToken);
            column.Clear();
        }

        group.CompleteValidate();
    }

    /// <summary>The ids of the events that a file holds.</summary>
    /// <exception cref="IOException">It is no file of such an export.</exception>
    public static async Task<IReadOnlyList<string>> ReadIdsAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            await using var reader = await ParquetReader.CreateAsync(file, cancellationToken: cancellationToken);
            var column = reader.Schema.FindDataField(DocumentId);
            var ids = new List<string>();
            for (var i = 0; i < reader.RowGroupCount; i++)
            {
                using var group = reader.OpenRowGroupReader(i);
                var some = new string[group.RowCount];
                await group.ReadAsync(column, some, cancellationToken: cancellationToken);
                ids.AddRange(some);
            }

            return ids;
        }
        catch (Exception e) when (e is not (OperationCanceledException or UnauthorizedAccessException or OutOfMemoryException))
        {
            throw new IOException(
                $"{path} is no file of this export, or is damaged ({e.Message.TrimEnd('.')}): which events it holds cannot be seen, and nothing is "
                + "written beside it. Move it out of the folder; if it held events, export them again.",
                e);
        }
    }

    private void Add(JournalEvent e)
    {
        using var json = JsonDocument.Parse(e.Json);
        _documentId.Add(e.Id);
        _account.Add(e.Source.Account);
        _committedAt.Add(e.CommittedAt);
        _time.Add(e.Time);
        foreach (var (name, column) in _fields) column.Add(json.RootElement.TryGetProperty(name, out var value) ? value : null);

        _json.Add(Encoding.UTF8.GetString(e.Json.Span));
    }
}
