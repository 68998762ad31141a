using System.Buffers;
using System.Text;
using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Privacy;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Sequence;

/// <summary>Maps one Sequence activity log to one event for each of its items, or to one for a log without items, or with too many.</summary>
/// <remarks>Not thread-safe: an instance reuses its buffers. The rules: docs/mapping.md, sections 1, 2, 4 and 5.</remarks>
public sealed class SequenceTransform : IActivityTransform
{
    private const string Provider = "sequence";

    /// <summary>What the events of one log may take, which each repeat the rest of it.</summary>
    private const long MaxEventBytes = 32 * 1024 * 1024;
    private const int EventBytesBesideTheLog = 1024;

    private readonly SequenceTable _table;
    private readonly EventSettings _settings;
    private readonly RecordTree _record = new();
    private readonly ClassCache<ClassFields> _classes = new();
    private readonly ClassCache<ClassFields> _emptyClasses = new();
    private readonly CanonicalJson _canonical;
    private readonly ItemIds _itemIds;
    private readonly ContentDigest _content;
    private readonly EventDraft _draft;
    private readonly SequenceMetadata _metadata;
    private readonly MetadataUsers _metadataUsers;
    private readonly ArrayBufferWriter<byte> _original = new();
    private string _tenant = "";

    /// <summary>Makes the transform of one source.</summary>
    /// <exception cref="ArgumentException">A privacy rule for a field that must stay as it is.</exception>
    public SequenceTransform(SequenceTable table, EventSettings settings)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(settings);
        _table = table;
        _settings = settings;
        _canonical = new(_record);
        _itemIds = new(_record);
        _content = new(_record);
        _draft = new(_record, settings, new EventFrame(settings, Provider));
        _metadata = new(_record);
        _metadataUsers = new(_record, FieldPrivacy.HidesAnyOf(settings.Privacy, "sequence.metadata"));
    }

    /// <inheritdoc/>
    public bool HidesValues => _settings.Privacy.HideAnything;

    /// <inheritdoc/>
    public void Transform(in RawActivity activity, EventBatch output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _record.Read(activity.Json.Span);
        if (_record.IsNull) return;

        var fields = new LogFields(_record);
        var log = new Log(
            fields, ReadLogId(fields.Id), CountItems(fields.Items),
            TraceId.Read(_record, _record.TrimmedTextOf(fields.TraceId), out var rawTraceId), rawTraceId);
        var tenant = ReadTenant(fields.Account);
        if (log.ItemCount == 0 || IsTooLarge(log))
        {
            Start(activity, log, tenant);
            _draft.ContentDigest = _content.Of();
            WriteAsOne(log, output);
            _draft.EndRecord(output);
            return;
        }

        _itemIds.Clear();
        _content.ReadLog(fields.Items);
        var index = 0;
        for (var item = fields.Items + 1; item < _record.Nodes[fields.Items].Next; item = _record.Nodes[item].Next)
        {
            Start(activity, log, tenant);
            _draft.ContentDigest = _content.OfItem(item);
            WriteItem(log, item, index++, output);
        }

        _draft.EndRecord(output);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ulong> BeforeGrowth(EcsEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        _record.Read(e.Record.Span);
        return [.. _content.Parts(new LogFields(_record).Items).Select(part => e.ContentDigest - part)];
    }

    private Text ReadLogId(int node)
    {
        var id = _record.IdOf(node);
        return id.IsEmpty ? _canonical.IdOfRecord() : id;
    }

    private int CountItems(int items)
    {
        var count = 0;
        if (items >= 0 && _record.Nodes[items].Kind == NodeKind.Array)
        {
            for (var i = items + 1; i < _record.Nodes[items].Next; i = _record.Nodes[i].Next) count++;
        }

        return count;
    }

    /// <summary>Each event has the log without its other items: with many items, and much beside them, events would not fit in memory.</summary>
    private bool IsTooLarge(in Log log)
        => log.ItemCount * (long)(_record.Nodes[0].Raw.Length - _record.Nodes[log.Fields.Items].Raw.Length + EventBytesBesideTheLog) > MaxEventBytes;

    private Text ReadTenant(int account)
    {
        var tenant = _record.IdOf(account);
        tenant = tenant.IsEmpty && _settings.OrganizationId is { } configured ? _record.Append(configured) : tenant;
        Span<char> known = stackalloc char[64];
        if (tenant.Length > known.Length || !Encoding.UTF8.TryGetChars(_record[tenant], known, out var length) || !known[..length].SequenceEqual(_tenant))
        {
            _tenant = _record.StringOf(tenant);
        }

        return tenant;
    }

    private void Start(in RawActivity activity, in Log log, Text tenant)
    {
        _draft.Start(activity, _tenant);
        _draft.CheckRecord();
        _draft.ReadTime(log.Fields.CreatedAt, "createdAt");
        _draft.TraceId = log.TraceId;
        if (tenant.IsEmpty) _draft.Problem("account_missing", "sequenceAccountId is missing");
    }

    private void WriteAsOne(in Log log, EventBatch output)
    {
        _draft.Id = log.Id;
        _draft.Tags |= log.ItemCount == 0 ? QualityTags.NoItems : QualityTags.None;
        _draft.Tags |= _record.IdOf(log.Fields.Id).IsEmpty ? QualityTags.IdSynthesized : QualityTags.None;
        if (log.Fields.Items >= 0 && _record.Nodes[log.Fields.Items].Kind is not (NodeKind.Array or NodeKind.Null))
        {
            _draft.Problem("not_an_array", "activityLogItems is not an array");
        }

        if (log.ItemCount > 0) _draft.Problem("too_many_items", "the events of its items would be larger than 32 MiB");

        var type = _record.TrimmedTextOf(log.Fields.ActivityType);
        var classFields = _emptyClasses.Find(_record[type]);
        if (classFields is null)
        {
            classFields = new(_table.ClassifyEmpty(_record.StringOf(type)), _settings, Provider);
            _emptyClasses.Add(_record[type], classFields);
        }

        _draft.WriteTime();
        _draft.Writer.Literal("\"Sequence activity "u8);
        _draft.Writer.Escaped(type.IsEmpty ? "unknown"u8 : _record[type]);
        _draft.Writer.Literal(log.ItemCount == 0 ? " without items\""u8 : " with too many items\""u8);
        _draft.WriteEvent(classFields, reason: default, _record.Original);
        _draft.WriteOrganization();
        WriteLog(log);
        _draft.Writer.Field(",\"sequence.trace_id\":"u8, log.RawTraceId);
        WriteEnd(default, default, classFields.Action, output);
    }

    private void WriteItem(in Log log, int item, int index, EventBatch output)
    {
        var fields = new ItemFields(_record, item);
        var id = _record.IdOf(fields.Id);
        _draft.Id = id.IsEmpty ? _itemIds.Of(item, log.Id) : id;
        _draft.Tags |= id.IsEmpty ? QualityTags.IdSynthesized : QualityTags.None;
        CheckItem(item, fields);
        var actor = Entity.Read(_record, fields.Actor);
        var thing = Entity.Read(_record, fields.Object);
        var target = Entity.Read(_record, fields.Target);
        var verb = _record.TrimmedTextOf(fields.Verb);
        var classFields = Classify(verb, thing.EntityType);
        var person = Person.Read(_record, actor.OwnId, actor.Email, default);
        var targetUser = UserOf(thing, target);
        _metadata.Read(fields.Metadata);
        _draft.Tags |= (classFields.IsKnown ? QualityTags.None : QualityTags.UnknownVerb)
            | (_metadata.IsTruncated ? QualityTags.MetadataTruncated : QualityTags.None);
        _draft.ActorId = person.Id;
        _draft.ObjectId = thing.OwnId;
        _draft.RelatedUsers.Add(person.Id);
        _draft.RelatedUsers.Add(person.Email);
        _draft.RelatedUsers.Add(targetUser);
        _metadataUsers.AddTo(_draft.RelatedUsers, fields.Metadata);

        var writer = _draft.Writer;
        _draft.WriteTime();
        WriteMessage(fields, person, verb, thing);
        _draft.WriteEvent(classFields, _record.TextOf(fields.Reason), OriginalOf(log, item));
        _draft.WriteOrganization();
        writer.Field(",\"related.user\":"u8, _draft.RelatedUsers.All);
        WriteLog(log);
        writer.Field(",\"sequence.actor.entity_id\":"u8, actor.EntityId);
        writer.Field(",\"sequence.actor.entity_type\":"u8, actor.EntityType);
        writer.Field(",\"sequence.actor.id\":"u8, actor.Id);
        writer.Field(",\"sequence.item.activity_log_id\":"u8, _record.IdOf(fields.LogId));
        writer.Field(",\"sequence.item.id\":"u8, id);
        writer.Field(",\"sequence.item.index\":"u8, index);
        writer.Field(",\"sequence.item.name\":"u8, _record.TextOf(fields.Name));
        writer.Field(",\"sequence.item.verb\":"u8, verb);
        writer.Field(",\"sequence.metadata\":"u8, _metadata.Values);
        writer.Field(",\"sequence.object.entity_id\":"u8, thing.EntityId);
        writer.Field(",\"sequence.object.entity_type\":"u8, thing.EntityType);
        writer.Field(",\"sequence.object.id\":"u8, thing.Id);
        writer.Field(",\"sequence.target.entity_id\":"u8, target.EntityId);
        writer.Field(",\"sequence.target.entity_type\":"u8, target.EntityType);
        writer.Field(",\"sequence.target.id\":"u8, target.Id);
        writer.Field(",\"sequence.trace_id\":"u8, log.RawTraceId);
        WriteEnd(person, targetUser, classFields.Action, output);
    }

    private void CheckItem(int item, in ItemFields fields)
    {
        if (!_record.IsObject(item)) _draft.Problem("item_not_an_object", "the item is not a JSON object");

        if (!_record.IsObject(fields.Actor))
        {
            _draft.Tags |= QualityTags.ActorMissing;
            _draft.Problem("actor_missing", "activityLogActor is missing");
        }

        if (!_record.IsObject(fields.Object)) _draft.Problem("object_missing", "activityLogObject is missing");
    }

    private Text UserOf(in Entity thing, in Entity target)
        => thing.IsUser(_record) && !thing.OwnId.IsEmpty ? thing.OwnId
            : target.IsUser(_record) ? target.OwnId
            : default;

    private ClassFields Classify(Text verb, Text entityType)
    {
        Span<byte> small = stackalloc byte[256];
        var length = verb.Length + 1 + entityType.Length;
        var key = length <= small.Length ? small[..length] : new byte[length];
        _record[verb].CopyTo(key);
        key[verb.Length] = 0;
        _record[entityType].CopyTo(key[(verb.Length + 1)..]);
        if (_classes.Find(key) is { } known) return known;

        var classification = _table.Classify(_record.StringOf(verb), _record.StringOf(entityType));
        var fields = new ClassFields(classification, _settings, Provider);
        _classes.Add(key, fields);
        return fields;
    }

    private void WriteMessage(in ItemFields fields, in Person person, Text verb, in Entity thing)
    {
        var sentence = _record.NonBlankTextOf(fields.Summary);
        sentence = sentence.IsEmpty ? _record.NonBlankTextOf(fields.Name) : sentence;
        var writer = _draft.Writer;
        if (!sentence.IsEmpty)
        {
            writer.Value(sentence);
            return;
        }

        var actor = person.Name.IsEmpty ? person.Id : person.Name;
        writer.Byte((byte)'"');
        writer.Escaped(actor.IsEmpty ? "An unknown actor"u8 : _record[actor]);
        writer.Byte((byte)' ');
        writer.Escaped(verb.IsEmpty ? "unknown"u8 : _record[verb]);
        writer.Byte((byte)' ');
        writer.Escaped(thing.EntityType.IsEmpty ? "unknown"u8 : _record[thing.EntityType]);
        writer.Byte((byte)'"');
    }

    /// <summary>The log with this item as its only one, everything else spliced as it came. (Mapping 4.3.)</summary>
    private ReadOnlySpan<byte> OriginalOf(in Log log, int item)
    {
        var array = _record.Nodes[log.Fields.Items].Raw;
        var raw = _record.RawOf(item);
        if (raw.Length + 2 == array.Length) return _record.Original;

        var root = _record.Nodes[0].Raw;
        _original.ResetWrittenCount();
        _original.Write(_record[new(root.Start, array.Start + 1 - root.Start)]);
        _original.Write(raw);
        _original.Write(_record[new(array.End - 1, root.End - array.End + 1)]);
        return _original.WrittenSpan;
    }

    private void WriteLog(in Log log)
    {
        var writer = _draft.Writer;
        writer.Field(",\"sequence.activity_log.api_version\":"u8, _record.TrimmedTextOf(log.Fields.ApiVersion));
        writer.Field(",\"sequence.activity_log.id\":"u8, _record.IdOf(log.Fields.Id));
        writer.Field(",\"sequence.activity_log.item_count\":"u8, log.ItemCount);
        writer.Field(",\"sequence.activity_log.origin\":"u8, _record.TrimmedTextOf(log.Fields.Origin));
        writer.Field(",\"sequence.activity_log.type\":"u8, _record.TrimmedTextOf(log.Fields.ActivityType));
    }

    private void WriteEnd(in Person person, Text targetUser, string action, EventBatch output)
    {
        var writer = _draft.Writer;
        _draft.WriteService();
        _draft.WriteTags();
        writer.Field(",\"trace.id\":"u8, _draft.TraceId);
        writer.Field(",\"user.domain\":"u8, person.Domain);
        writer.Field(",\"user.email\":"u8, person.Email);
        writer.Field(",\"user.id\":"u8, person.Id);
        writer.Field(",\"user.name\":"u8, person.Name);
        writer.Field(",\"user.target.id\":"u8, targetUser);
        _draft.Finish(action, output);
    }

    /// <summary>What every event of one log has from it.</summary>
    private readonly record struct Log(LogFields Fields, Text Id, int ItemCount, Text TraceId, Text RawTraceId);
}
