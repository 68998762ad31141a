namespace ActivityConnector.Simulation.Intercom;

/// <summary>Writes generated admin activity logs. Thread-safe.</summary>
internal sealed class IntercomRecords(int seed, TieOrder ties, double hostileShare) : IRecordFactory
{
    private const int IdPurpose = 1;
    private const int ContentPurpose = 2;
    private const int TiePurpose = 3;
    private const int HostilePurpose = 4;
    private const int AdminCount = 60;
    private const long FirstAdminId = 991267400;

    private static readonly Template<IntercomSlot>[] Templates =
    [
        .. IntercomTypes.All.Select(t => new Template<IntercomSlot>(
            $$"""{"id":"$id$",$performer$"metadata":{{t.Metadata}},"created_at":$created$"""
            + $$""","activity_type":"{{t.Type}}","activity_description":"{{t.Description}}"}""")),
    ];

    // The template of each chance: as many times as its weight.
    private static readonly byte[] Chances = [.. IntercomTypes.All.SelectMany((t, i) => Enumerable.Repeat((byte)i, t.Weight))];

    private static readonly byte[][] Emails = Vocabulary.Emails(AdminCount, "acme.example");
    private static readonly byte[][] Addresses = Vocabulary.Addresses(AdminCount * 3);

    public Entry Place(int index, DateTimeOffset createdAt) => new(createdAt.ToUnixTimeSeconds(), Tie((ulong)index), index);

    // By hand means later than everything generated, should the second be the same.
    public Entry PlaceByHand(int ordinal, DateTimeOffset createdAt) => new(createdAt.ToUnixTimeSeconds(), Tie((1UL << 40) + (ulong)ordinal), 0);

    public void Write(JsonText to, Entry entry)
    {
        if (hostileShare > 0)
        {
            var draw = new RandomStream(seed, HostilePurpose, entry.Record);
            if (draw.Chance(hostileShare))
            {
                HostileIntercomRecords.Write(to, this, entry, draw);
                return;
            }
        }

        WriteGood(to, entry);
    }

    public void WriteGood(JsonText to, Entry entry)
    {
        var draw = new RandomStream(seed, ContentPurpose, entry.Record);
        var template = Templates[Chances[draw.Below(Chances.Length)]];
        var admin = draw.Below(AdminCount);
        var slots = template.Slots;
        for (var i = 0; i < slots.Length; i++)
        {
            to.Raw(template.Literal(i));
            Fill(to, slots[i], entry, admin, ref draw);
        }

        to.Raw(template.Literal(slots.Length));
    }

    public Guid Id(int record)
    {
        var draw = new RandomStream(seed, IdPurpose, record);
        var (high, low) = (draw.Bits(), draw.Bits());
        return new Guid((uint)(high >> 32), (ushort)(high >> 16), (ushort)(0x4000 | (high & 0x0fff)),
            (byte)(0x80 | ((low >> 56) & 0x3f)), (byte)(low >> 48), (byte)(low >> 40), (byte)(low >> 32),
            (byte)(low >> 24), (byte)(low >> 16), (byte)(low >> 8), (byte)low);
    }

    private ulong Tie(ulong arrival) => ties switch
    {
        TieOrder.NewestFirst => arrival * 2,
        TieOrder.OldestFirst => ulong.MaxValue - 1 - (arrival * 2),
        _ => new RandomStream(seed, TiePurpose, (long)arrival).Bits() & ~1UL,
    };

    private void Fill(JsonText to, IntercomSlot slot, Entry entry, int admin, ref RandomStream draw)
    {
        switch (slot)
        {
            case IntercomSlot.Id:
                to.Value(Id(entry.Record));
                break;
            case IntercomSlot.Performer:
                WritePerformer(to, admin, ref draw);
                break;
            case IntercomSlot.Created:
                to.Value(entry.Created);
                break;
            case IntercomSlot.Actor:
                to.Raw(Vocabulary.People[admin % Vocabulary.People.Length]);
                break;
            case IntercomSlot.ActorId:
                to.Value(FirstAdminId + admin);
                break;
            case IntercomSlot.Person:
                to.Raw(Pick(Vocabulary.People, ref draw));
                break;
            case IntercomSlot.AdminId:
                to.Value(FirstAdminId + draw.Below(AdminCount));
                break;
            case IntercomSlot.Email:
                to.Raw(Pick(Emails, ref draw));
                break;
            case IntercomSlot.Team:
            case IntercomSlot.Word:
                to.Raw(Pick(Vocabulary.Words, ref draw));
                break;
            case IntercomSlot.TeamId:
                to.Value(5000 + draw.Below(40));
                break;
            case IntercomSlot.Title:
                to.Raw(Pick(Vocabulary.Titles, ref draw));
                break;
            case IntercomSlot.State:
                to.Raw(Pick(Vocabulary.States, ref draw));
                break;
            case IntercomSlot.Reason:
                to.Raw(Pick(Vocabulary.AwayReasons, ref draw));
                break;
            case IntercomSlot.SignIn:
                to.Raw(Pick(Vocabulary.SignInMethods, ref draw));
                break;
            case IntercomSlot.App:
                to.Raw(Pick(Vocabulary.Apps, ref draw));
                break;
            case IntercomSlot.Number:
                to.Value(1 + draw.Below(60));
                break;
            case IntercomSlot.Limit:
                if (draw.Below(8) == 0)
                    to.Raw("null"u8);
                else
                    to.Value(1 + draw.Below(50));
                break;
            case IntercomSlot.Big:
                to.Value(100_000 + draw.Below(900_000_000));
                break;
            case IntercomSlot.Bool:
                to.Raw(draw.Below(2) == 0 ? "true"u8 : "false"u8);
                break;
            case IntercomSlot.Earlier:
                to.Value(entry.Created - draw.Below(3600));
                break;
            case IntercomSlot.LaterIso:
                to.Value(DateTimeOffset.FromUnixTimeSeconds(entry.Created + 86_400 + draw.Below(86_400)).UtcDateTime, "yyyy-MM-ddTHH:mm:ss.fffZ");
                break;
            case IntercomSlot.Hex:
                to.Value(draw.Bits(), "x16");
                break;
        }
    }

    // The contract requires nothing of performed_by: automation has no admin, and e-mail or address may be missing.
    private static void WritePerformer(JsonText to, int admin, ref RandomStream draw)
    {
        var odd = draw.Below(100);
        if (odd == 5)
            return;
        to.Raw("\"performed_by\":{\"type\":\"admin\",\"id\":\""u8).Value(FirstAdminId + admin).Raw("\""u8);
        if (odd != 0)
            to.Raw(",\"email\":\""u8).Raw(Emails[admin]).Raw("\""u8);
        if (odd is not 1 and not 2)
            to.Raw(",\"ip\":\""u8).Raw(odd is 3 or 4 ? Pick(Vocabulary.OddAddresses, ref draw) : Addresses[(admin * 3) + draw.Below(3)]).Raw("\""u8);
        to.Raw("},"u8);
    }

    private static byte[] Pick(byte[][] from, ref RandomStream draw) => from[draw.Below(from.Length)];
}
