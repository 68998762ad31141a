using System.Text;
using ActivityConnector.Transforms.Ecs;
using ActivityConnector.Transforms.Privacy;
using ActivityConnector.Transforms.Records;

namespace ActivityConnector.Transforms.Intercom;

/// <summary>Maps one Intercom activity log entry to one event.</summary>
/// <remarks>Not thread-safe: an instance reuses its buffers. The rules: docs/mapping.md, sections 1 to 3 and 5.</remarks>
public sealed class IntercomTransform : IActivityTransform
{
    private const string Provider = "intercom";

    private readonly IntercomTable _table;
    private readonly EventSettings _settings;
    private readonly string _tenant;
    private readonly RecordTree _record = new();
    private readonly ClassCache<IntercomClass> _classes = new();
    private readonly CanonicalJson _canonical;
    private readonly ContentDigest _content;
    private readonly EventDraft _draft;
    private readonly IntercomMetadata _metadata;
    private readonly MetadataUsers _metadataUsers;
    private readonly ChangedSettings _changed;
    private readonly DistinctTexts _addresses;
    private readonly byte[] _apiVersion;

    /// <summary>Makes the transform of one source.</summary>
    /// <exception cref="ArgumentException">No organisation, or a privacy rule for a field that must stay as it is.</exception>
    public IntercomTransform(IntercomTable table, EventSettings settings)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(settings);
        _table = table;
        _settings = settings;
        _tenant = settings.OrganizationId is { Length: > 0 } tenant
            ? tenant
            : throw new ArgumentException("OrganizationId must be known before the first event: it is part of every document id.", nameof(settings));
        _canonical = new(_record);
        _content = new(_record);
        _draft = new(_record, settings, new EventFrame(settings, Provider));
        var isMetadataHidden = FieldPrivacy.HidesAnyOf(settings.Privacy, "intercom.metadata");
        _metadata = new(_record, isMetadataHidden);
        _metadataUsers = new(_record, isMetadataHidden);
        _changed = new(_record);
        _addresses = new(_record);
        _apiVersion = Encoding.UTF8.GetBytes(JsonFragment.Field("intercom.api_version", settings.ApiVersion));
    }

    /// <inheritdoc/>
    public bool HidesValues => _settings.Privacy.HideAnything;

    /// <inheritdoc/>
    public void Transform(in RawActivity activity, EventBatch output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _record.Read(activity.Json.Span);
        if (_record.IsNull) return;

        var fields = new IntercomFields(_record);
        _draft.Start(activity, _tenant);
        _draft.ContentDigest = _content.Of();
        _draft.CheckRecord();
        _draft.ReadTime(fields.CreatedAt, "created_at");
        ReadId(fields.Id);
        var type = _record.TrimmedTextOf(fields.ActivityType);
        var classFields = Classify(type);
        if (type.IsEmpty || !classFields.IsKnown) _draft.Tags |= QualityTags.UnknownActivityType;

        var actorFields = new ActorFields(_record, fields.PerformedBy);
        var actor = ReadActor(fields.PerformedBy, actorFields, out var address, out var port);
        _metadata.Read(fields.Metadata);
        if (_metadata.IsTruncated) _draft.Tags |= QualityTags.MetadataTruncated;

        var metadata = new MetadataFields(_record, fields.Metadata);
        _changed.Read(metadata.Changes, metadata.Before, metadata.After);
        var target = classFields.NamesTarget ? IntercomTarget.Read(_record, fields.Metadata) : default;
        var targetChanges = target.IsNone ? default : UserChanges.Read(_record, metadata.Changes, metadata.Before, metadata.After);
        RelateUsers(actor, target, targetChanges, metadata);
        _metadataUsers.AddTo(_draft.RelatedUsers, fields.Metadata);
        Write(fields, metadata, actorFields.Type, classFields, type, actor, address, port, target, targetChanges, output);
        _draft.EndRecord(output);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ulong> BeforeGrowth(EcsEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        _record.Read(e.Record.Span);
        return [.. _content.Parts().Select(part => e.ContentDigest - part)];
    }

    private void ReadId(int node)
    {
        _draft.Id = _record.IdOf(node);
        if (_draft.Id.IsEmpty)
        {
            _draft.Id = _canonical.IdOfRecord();
            _draft.Tags |= QualityTags.IdSynthesized;
        }
    }

    private IntercomClass Classify(Text type)
    {
        if (_classes.Find(_record[type]) is { } known) return known;

        var name = type.IsEmpty ? "unknown" : _record.StringOf(type);
        var fields = new IntercomClass(_table.Classify(name), _settings, Provider);
        _classes.Add(_record[type], fields);
        return fields;
    }

    private Person ReadActor(int performedBy, in ActorFields fields, out Text address, out int port)
    {
        address = default;
        port = -1;
        _addresses.Clear();
        if (!_record.IsObject(performedBy))
        {
            _draft.Tags |= QualityTags.ActorMissing;
            return default;
        }

        address = fields.Ip;
        if (!address.IsEmpty) _draft.Tags |= SourceAddress.Read(_record, address, _addresses, out port);

        var actor = Person.Read(_record, fields.Id, fields.Email, fields.Name);
        _draft.ActorId = actor.Id;
        return actor;
    }

    /// <summary>Everyone whom the record names in a place of its own: actor, target, changes, and who started it.</summary>
    private void RelateUsers(in Person actor, in Person target, in UserChanges changes, in MetadataFields metadata)
    {
        var users = _draft.RelatedUsers;
        users.Add(actor.Id);
        users.Add(actor.Email);
        users.Add(target.Id);
        users.Add(target.Email);
        users.Add(changes.Email);
        var updatedBy = _record.IdOf(metadata.UpdateBy);
        var email = EmailAddress.Read(_record, updatedBy, out _);
        users.Add(email.IsEmpty ? updatedBy : email);
        users.Add(_record.IdOf(metadata.UpdateByName));
    }

    private void Write(
        in IntercomFields fields, in MetadataFields metadata, Text actorType, IntercomClass classFields, Text type, in Person actor, Text address, int port,
        in Person target, in UserChanges changes, EventBatch output)
    {
        var writer = _draft.Writer;
        var team = classFields.NamesTeam ? metadata.Team : -1;
        var (teamId, teamName) = (_record.IdOf(_record.Find(team, "id"u8)), _record.NonBlankTextOf(_record.Find(team, "name"u8)));

        _draft.WriteTime();
        WriteMessage(writer, _record.NonBlankTextOf(fields.Description), actor, classFields.Action);
        _draft.WriteEvent(classFields, reason: default, _record.Original);
        writer.Field(",\"group.id\":"u8, teamId);
        writer.Field(",\"group.name\":"u8, teamName);
        writer.Field(",\"intercom.activity_type\":"u8, type);
        writer.Literal(_apiVersion);
        writer.Field(",\"intercom.changed_settings\":"u8, _changed.Names);
        _metadata.Write(writer);
        writer.Field(",\"intercom.performed_by.type\":"u8, actorType);
        _draft.WriteOrganization();
        writer.Field(",\"related.hosts\":"u8, _metadata.Hosts.All);
        writer.Field(",\"related.ip\":"u8, _addresses.All);
        writer.Field(",\"related.user\":"u8, _draft.RelatedUsers.All);
        _draft.WriteService();
        writer.Field(",\"source.address\":"u8, address);
        writer.Field(",\"source.ip\":"u8, _addresses.First);
        if (port >= 0) writer.Field(",\"source.port\":"u8, port);

        _draft.WriteTags();
        writer.Field(",\"user.changes.domain\":"u8, changes.Domain);
        writer.Field(",\"user.changes.email\":"u8, changes.Email);
        writer.Field(",\"user.changes.full_name\":"u8, changes.FullName);
        writer.Field(",\"user.changes.name\":"u8, changes.Email);
        writer.Field(",\"user.domain\":"u8, actor.Domain);
        writer.Field(",\"user.email\":"u8, actor.Email);
        writer.Field(",\"user.full_name\":"u8, actor.FullName);
        writer.Field(",\"user.id\":"u8, actor.Id);
        writer.Field(",\"user.name\":"u8, actor.Name);
        if (!target.IsNone)
        {
            writer.Field(",\"user.target.domain\":"u8, target.Domain);
            writer.Field(",\"user.target.email\":"u8, target.Email);
            writer.Field(",\"user.target.full_name\":"u8, target.FullName);
            writer.Field(",\"user.target.group.id\":"u8, teamId);
            writer.Field(",\"user.target.group.name\":"u8, teamName);
            writer.Field(",\"user.target.id\":"u8, target.Id);
            writer.Field(",\"user.target.name\":"u8, target.Name);
        }

        _draft.Finish(classFields.Action, output);
    }

    private void WriteMessage(EventWriter writer, Text description, in Person actor, string action)
    {
        if (!description.IsEmpty)
        {
            writer.Value(description);
            return;
        }

        var name = actor.Name.IsEmpty ? actor.Id : actor.Name;
        writer.Byte((byte)'"');
        writer.Escaped(name.IsEmpty ? "An unknown actor"u8 : _record[name]);
        writer.Literal(" performed "u8);
        writer.Escaped(Encoding.UTF8.GetBytes(action));
        writer.Byte((byte)'"');
    }
}
