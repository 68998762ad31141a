using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ActivityConnector.Transforms.Privacy;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Ecs;

/// <summary>One event in the making: what both sources share. Reused from event to event.</summary>
internal sealed class EventDraft(RecordTree record, EventSettings settings, EventFrame frame)
{
    /// <summary>A longer original is left out; its hash stays.</summary>
    private const int MaxOriginalBytes = 512 * 1024;

    private readonly List<string> _problems = [];
    private readonly KnownTexts _texts = new(record);
    private readonly PrivacyFilter? _privacy = PrivacyFilter.For(settings.Privacy);
    private readonly List<EcsEvent> _unprotected = [];
    private readonly byte[] _digest = new byte[SHA256.HashSizeInBytes];
    private readonly ArrayBufferWriter<byte> _idInput = new();
    private byte[] _idPrefix = [];
    private byte[] _organization = [];
    private string? _tenant;
    private string? _problemType;
    private byte[] _createdToHash = [];
    private long _createdTicks;
    private ReadOnlyMemory<byte> _raw;
    private int _idAt;
    private long _ticks;
    private bool _hasSourceTime;

    public EventWriter Writer { get; } = new(record);

    public DistinctTexts RelatedUsers { get; } = new(record);

    public QualityTags Tags { get; set; }

    /// <summary>What becomes <see cref="EcsEvent.ContentDigest"/>.</summary>
    public ulong ContentDigest { get; set; }

    public Text Id { get; set; }

    public Text TraceId { get; set; }

    public Text ActorId { get; set; }

    public Text ObjectId { get; set; }

    public void Start(in RawActivity activity, string tenant)
    {
        _raw = activity.Json;
        if (!ReferenceEquals(tenant, _tenant))
        {
            _tenant = tenant;
            _idPrefix = Encoding.UTF8.GetBytes(DocumentId.PrefixOf(frame.Dataset, tenant));
            _organization = [.. frame.Labels, .. Encoding.UTF8.GetBytes(JsonFragment.Field("organization.id", tenant)), .. frame.OrganizationName];
        }

        var createdTicks = EcsTime.CutToMilliseconds(activity.ReceivedAt.UtcTicks);
        if (createdTicks != _createdTicks || _createdToHash.Length == 0)
        {
            // All records of a page were received at once.
            _createdTicks = createdTicks;
            Span<byte> created = stackalloc byte[EcsTime.MaxBytes];
            _createdToHash = [.. ",\"event.created\":\""u8, .. created[..EcsTime.Write(createdTicks, created)], .. frame.DatasetAndHash];
        }

        _problems.Clear();
        _problemType = null;
        RelatedUsers.Clear();
        Tags = activity.IsSalvaged ? QualityTags.PageSalvaged : QualityTags.None;
        TraceId = ActorId = ObjectId = default;
    }

    /// <summary>Makes the event a <c>pipeline_error</c>.</summary>
    public void Problem(string type, string message)
    {
        _problemType ??= type;
        _problems.Add(message);
    }

    /// <summary>A record that is no object is mapped as one without members.</summary>
    public void CheckRecord()
    {
        if (!record.IsJson)
        {
            Problem("invalid_json", "the record is not valid JSON");
        }
        else if (!record.IsObject(0))
        {
            Problem("not_an_object", "the record is not a JSON object");
        }
    }

    public void ReadTime(int node, string name)
    {
        _hasSourceTime = node >= 0 && EcsTime.TryRead(record, node, out _ticks);
        if (!_hasSourceTime)
        {
            _ticks = _createdTicks;
            Tags |= QualityTags.TimestampFallback;
            Problem("timestamp_fallback", node < 0 ? $"{name} is missing" : $"{name} is not a time");
        }
        else if (EcsTime.IsSuspect(_ticks, _createdTicks))
        {
            Tags |= QualityTags.TimestampSuspect;
        }
    }

    /// <summary>Starts the JSON: writes <c>@timestamp</c> and <c>message</c> up to the latter's value.</summary>
    public void WriteTime()
    {
        Writer.Clear();
        Writer.Literal("{\"@timestamp\":\""u8);
        Writer.Time(_ticks);
        Writer.Literal("\",\"message\":"u8);
    }

    /// <summary>Writes all from <c>ecs.version</c> to <c>event.type</c>.</summary>
    public void WriteEvent(ClassFields fields, Text reason, ReadOnlySpan<byte> original)
    {
        var keepsOriginal = settings.KeepOriginal && _privacy is null && !original.IsEmpty;
        if (keepsOriginal && original.Length > MaxOriginalBytes)
        {
            keepsOriginal = false;
            Tags |= QualityTags.OriginalTruncated;
        }

        Writer.Literal(frame.AfterMessage);
        if (_problems.Count > 0)
        {
            Writer.Literal(Encoding.UTF8.GetBytes(JsonFragment.Field("error.message", _problems) + JsonFragment.Field("error.type", _problemType)));
        }

        Writer.Literal(fields.ActionAndCategory);
        Writer.Literal(_createdToHash);
        SHA256.HashData(original, _digest);
        Writer.Hex(_digest);
        Writer.Literal("\",\"event.id\":"u8);
        _idAt = Writer.Length + 1;
        Writer.Value(Id);
        Writer.Literal(_problems.Count > 0 ? frame.ErrorKind : frame.Kind);
        if (keepsOriginal)
        {
            Writer.Literal(",\"event.original\":\""u8);
            Writer.Escaped(original);
            Writer.Byte((byte)'"');
        }

        Writer.Literal(fields.OutcomeAndProvider);
        Writer.Field(",\"event.reason\":"u8, reason);
        Writer.Literal(fields.SeverityAndType);
    }

    public void WriteOrganization() => Writer.Literal(_organization);

    public void WriteService() => Writer.Literal(frame.Service);

    public void WriteTags() => Writer.Literal(frame.TagsOf[Tags]);

    /// <summary>Closes the event and adds it to the batch.</summary>
    public void Finish(string action, EventBatch output)
    {
        Writer.Byte((byte)'}');
        var json = _privacy is null ? output.Keep(Writer.Written) : Writer.Written.ToArray();
        var e = new EcsEvent
        {
            DocumentId = DigestId(),
            ContentDigest = ContentDigest,
            Record = _raw,
            EventIdText = record.IsPlain(Id) ? json.Slice(_idAt, Id.Length) : record[Id].ToArray(),
            Dataset = frame.Dataset,
            Action = action,
            Tenant = _tenant!,
            Time = new DateTimeOffset(_ticks, TimeSpan.Zero),
            HasSourceTime = _hasSourceTime,
            ActorId = _texts.Find(ActorId),
            ObjectId = _texts.Find(ObjectId),
            TraceId = TraceId.IsEmpty ? null : record.StringOf(TraceId),
            IsPipelineError = _problems.Count > 0,
            Json = json,
        };
        if (_privacy is null)
        {
            output.Add(e);
        }
        else
        {
            _unprotected.Add(e);
        }
    }

    /// <summary>
    /// Ends a record: under privacy rules its events are added only now, because what is private in one of them may stand in another.
    /// </summary>
    public void EndRecord(EventBatch output)
    {
        _privacy?.Apply(_unprotected, output);
        _unprotected.Clear();
    }

    private DocumentId DigestId()
    {
        _idInput.ResetWrittenCount();
        _idInput.Write(_idPrefix);
        _idInput.Write(record[Id]);
        SHA256.HashData(_idInput.WrittenSpan, _digest);
        return new(_digest);
    }
}
