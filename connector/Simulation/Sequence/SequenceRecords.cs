using System.Text;

namespace ActivityConnector.Simulation.Sequence;

/// <summary>Writes generated activity logs. Thread-safe.</summary>
internal sealed class SequenceRecords(int seed, double hostileShare) : IRecordFactory
{
    private const int TiePurpose = 11;
    private const int ContentPurpose = 12;
    private const int HostilePurpose = 13;
    private const int UserCount = 40;
    private const int ObjectCount = 500;
    private const string AccountId = "bb0e8400-e29b-41d4-a716-446655440006";

    private static readonly byte[] Chances = [.. SequenceTypes.All.SelectMany((t, i) => Enumerable.Repeat((byte)i, t.Weight))];
    private static readonly byte[][] Verbs = Utf8(SequenceTypes.All.Select(t => t.Verb));
    private static readonly byte[][] Entities = Utf8(SequenceTypes.All.Select(t => t.Entity));
    private static readonly byte[][] Names = Utf8(SequenceTypes.All.Select(t => $"{Title(t.Entity)} {Title(t.Verb)}"));
    private static readonly byte[][] ActivityTypes = Utf8(SequenceTypes.ActivityTypes);
    private static readonly byte[][] Origins = Utf8(SequenceTypes.Origins);
    private static readonly byte[][] ActorTypes = Utf8(SequenceTypes.ActorTypes);
    private static readonly byte[][] Reasons = Utf8(SequenceTypes.Reasons);
    private static readonly byte[][] Metadata = Utf8(SequenceTypes.Metadata);
    private static readonly byte[][] Emails = Vocabulary.Emails(UserCount, "billing.example");

    public Entry Place(int index, DateTimeOffset createdAt) =>
        new(createdAt.ToUnixTimeMilliseconds(), new RandomStream(seed, TiePurpose, index).Bits() & SequenceKey.TieMask & ~1UL, index);

    public Entry PlaceByHand(int ordinal, DateTimeOffset createdAt) =>
        new(createdAt.ToUnixTimeMilliseconds(), new RandomStream(seed, TiePurpose, (1L << 40) + ordinal).Bits() & SequenceKey.TieMask & ~1UL, 0);

    public void Write(JsonText to, Entry entry)
    {
        if (hostileShare > 0)
        {
            var draw = new RandomStream(seed, HostilePurpose, entry.Record);
            if (draw.Chance(hostileShare))
            {
                HostileSequenceRecords.Write(to, entry, draw);
                return;
            }
        }

        WriteGood(to, entry);
    }

    public void WriteGood(JsonText to, Entry entry)
    {
        var draw = new RandomStream(seed, ContentPurpose, entry.Record);
        var id = Id(entry);
        to.Raw("{\"id\":\""u8).Value(id)
            .Raw("\",\"sequenceAccountId\":\""u8).Raw(Encoding.UTF8.GetBytes(AccountId))
            .Raw("\",\"activityType\":\""u8).Raw(ActivityTypes[draw.Below(ActivityTypes.Length)]).Raw("\","u8);
        if (draw.Below(10) != 0)
            to.Raw("\"apiVersion\":\"V1\","u8);
        to.Raw("\"origin\":\""u8).Raw(Origins[draw.Below(Origins.Length)]).Raw("\","u8);
        WriteTrace(to, ref draw);
        WriteCreated(to, entry.Created, ref draw);
        to.Raw(",\"activityLogItems\":["u8);
        var items = ItemCount(draw.Below(1000), ref draw);
        for (var i = 0; i < items; i++)
        {
            if (i > 0)
                to.Raw(","u8);
            WriteItem(to, id, ref draw);
        }

        to.Raw("]}"u8);
    }

    // A duplicate stands one place on, but it is the same log.
    public static Guid Id(Entry entry) => SequenceKey.ToId(entry.Created, entry.Tie & ~1UL);

    private static int ItemCount(int chance, ref RandomStream draw) => chance switch
    {
        < 10 => 0,
        < 12 => 50,
        < 170 => 2 + draw.Below(3),
        _ => 1,
    };

    private static void WriteTrace(JsonText to, ref RandomStream draw)
    {
        switch (draw.Below(40))
        {
            case < 6:
                break;
            case 6:
                to.Raw("\"traceId\":\"00000000000000000000000000000000\","u8);
                break;
            case 7:
                to.Raw("\"traceId\":\"Root=1-67891233-abcdef012345678912345678\","u8);
                break;
            case 8:
                to.Raw("\"traceId\":\""u8).Value(draw.Bits(), "X16").Value(draw.Bits(), "X16").Raw("\","u8);
                break;
            default:
                to.Raw("\"traceId\":\""u8).Value(draw.Bits(), "x16").Value(draw.Bits(), "x16").Raw("\","u8);
                break;
        }
    }

    // As Java's Instant prints itself: 0, 3, 6 or 9 digits.
    private static void WriteCreated(JsonText to, long milliseconds, ref RandomStream draw)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).AddTicks(draw.Below(1000) * TimeSpan.TicksPerMicrosecond).UtcDateTime;
        to.Raw("\"createdAt\":\""u8);
        switch (draw.Below(10))
        {
            case 0:
                to.Value(at, "yyyy-MM-ddTHH:mm:ssZ");
                break;
            case 1 or 2:
                to.Value(at, "yyyy-MM-ddTHH:mm:ss.fffZ");
                break;
            case 3:
                to.Value(at, "yyyy-MM-ddTHH:mm:ss.ffffff").Raw("789Z"u8);
                break;
            default:
                to.Value(at, "yyyy-MM-ddTHH:mm:ss.ffffffZ");
                break;
        }

        to.Raw("\""u8);
    }

    private static void WriteItem(JsonText to, Guid logId, ref RandomStream draw)
    {
        var type = Chances[draw.Below(Chances.Length)];
        var user = draw.Below(UserCount);
        to.Raw("{\"id\":\""u8).Value(RecordId(ref draw)).Raw("\",\"activityLogId\":\""u8).Value(draw.Below(20) == 0 ? RecordId(ref draw) : logId)
            .Raw("\",\"verb\":\""u8).Raw(Verbs[type])
            .Raw("\",\"name\":\""u8).Raw(Names[type])
            .Raw("\",\"summary\":\""u8).Raw(Names[type]).Raw(" by "u8).Raw(Vocabulary.People[user % Vocabulary.People.Length]).Raw("\","u8);
        if (draw.Below(3) == 0)
            to.Raw("\"reason\":\""u8).Raw(Reasons[draw.Below(Reasons.Length)]).Raw("\","u8);
        if (draw.Below(12) != 0)
            to.Raw("\"metadata\":"u8).Raw(Metadata[draw.Below(Metadata.Length)]).Raw(","u8);
        WriteActor(to, user, ref draw);
        to.Raw(",\"activityLogObject\":{\"id\":\""u8).Value(RecordId(ref draw)).Raw("\",\"entityType\":\""u8).Raw(Entities[type]).Raw("\""u8);
        WriteEntityId(to, kind: 1 + type, draw.Below(ObjectCount), ref draw);
        to.Raw("}"u8);
        if (draw.Below(3) == 0)
        {
            to.Raw(",\"activityLogTarget\":{\"id\":\""u8).Value(RecordId(ref draw)).Raw("\",\"entityType\":\"SEQUENCE_USER\""u8);
            WriteEntityId(to, kind: 0, draw.Below(UserCount), ref draw);
            to.Raw("}"u8);
        }

        to.Raw("}"u8);
    }

    private static void WriteActor(JsonText to, int user, ref RandomStream draw)
    {
        var type = draw.Below(ActorTypes.Length);
        to.Raw("\"activityLogActor\":{\"id\":\""u8).Value(RecordId(ref draw)).Raw("\",\"entityType\":\""u8).Raw(ActorTypes[type]).Raw("\""u8);
        WriteEntityId(to, kind: 0, user, ref draw);
        if (type < 3 && draw.Below(20) != 0)
            to.Raw(",\"email\":\""u8).Raw(Emails[user]).Raw("\""u8);
        to.Raw("}"u8);
    }

    // The business entity keeps its id through all logs; one in thirty is left out.
    private static void WriteEntityId(JsonText to, int kind, int number, ref RandomStream draw)
    {
        if (draw.Below(30) != 0)
        {
            var id = new Guid(0x550e8400, 0xe29b, 0x41d4, 0xa7, 0x16, 0, 0, (byte)kind, 0, (byte)(number >> 8), (byte)number);
            to.Raw(",\"entityId\":\""u8).Value(id).Raw("\""u8);
        }
    }

    private static Guid RecordId(ref RandomStream draw) => SequenceKey.ToId(1_700_000_000_000 + draw.Below(int.MaxValue), draw.Bits() & SequenceKey.TieMask);

    private static byte[][] Utf8(IEnumerable<string> texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static string Title(string constant) =>
        string.Join(' ', constant.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..].ToLowerInvariant()));
}
