using System.Globalization;
using System.Net;
using System.Text;

namespace ActivityConnector.Tests.World;

/// <summary>
/// A vendor made from its published contract and from a seed: records come about while time passes, are shown late, changed, removed and
/// dated wrongly, and answers are wrong in the ways of the <see cref="Fault"/>s of the moment. It knows everything it has ever had.
/// </summary>
internal abstract class GeneratedVendor(Random random, VendorHabits habits, Action<string>? history)
{
    private readonly List<VendorRecord> _records = [];
    private readonly List<VendorRecord> _strangers = [];
    private DateTimeOffset _next = DateTimeOffset.MaxValue;
    private TimeSpan _pause;
    private int _hidden;

    public VendorHabits Habits => habits;

    /// <summary>Every record there is or was, in the order in which they came about.</summary>
    public IReadOnlyList<VendorRecord> Records => _records;

    public List<Fault> Faults { get; } = [];

    /// <summary>Answers given so far, refusals included.</summary>
    public int Requests { get; private set; }

    /// <summary>Before this time no record shows its members otherwise than at first.</summary>
    public RecordForm Form { get; set; }

    /// <summary>How many records may still come about.</summary>
    public int Left { get; set; }

    /// <summary>Cursors from before this time are refused without end.</summary>
    public DateTimeOffset CursorsFrom { get; set; } = DateTimeOffset.MinValue;

    protected Random Random => random;

    /// <summary>From now on records come about that far apart on average.</summary>
    public void Come(DateTimeOffset now, TimeSpan apart)
    {
        LiveUntil(now);
        _pause = apart;
        _next = now + Pause();
    }

    /// <summary>Records come about one after the other with the same or neighbouring times.</summary>
    public void Burst(DateTimeOffset now, int records, TimeSpan apart)
    {
        LiveUntil(now);
        // The order of the list is the order in which records came about.
        var last = _records.Count > 0 ? _records[^1].Created : DateTimeOffset.MinValue;
        for (var i = 0; i < records && Left > 0; i++)
        {
            var created = now - (apart * (records - 1 - i));
            Add(created > last ? created : last, now);
        }
    }

    /// <summary>What happened before anybody looked: shown at once.</summary>
    public void Remember(DateTimeOffset from, DateTimeOffset to, int records)
    {
        foreach (var at in Enumerable.Range(0, records).Select(_ => random.Between(from - to, TimeSpan.Zero)).Order())
        {
            Add(to + at, to + at);
        }
    }

    /// <summary>Everything up to now has happened.</summary>
    public void LiveUntil(DateTimeOffset now)
    {
        while (Left > 0 && _next <= now)
        {
            Add(_next, _next);
            if (random.Is(habits.Change)) ChangeOne(_next);

            _next += random.Is(habits.Tie) ? TimeSpan.Zero : Pause();
        }
    }

    public bool Has(FaultKind kind, DateTimeOffset now) => Faults.Exists(f => f.Kind == kind && f.From <= now && now < f.To);

    public bool HasAny(DateTimeOffset now) => Faults.Exists(f => f.From <= now && now < f.To);

    /// <summary>The answer to a request, or an exception of the network.</summary>
    public HttpResponseMessage Answer(HttpRequestMessage request, DateTimeOffset now)
    {
        Requests++;
        LiveUntil(now);
        var query = request.RequestUri!.Query;
        if (Has(FaultKind.Outage, now))
        {
            history?.Invoke($"    {request.RequestUri.PathAndQuery} -> no connection");
            throw new HttpRequestException(HttpRequestError.ConnectionError, "no connection");
        }

        var answer = Wrong(now) ?? Right(request.RequestUri.AbsolutePath, Query(query), now);
        history?.Invoke($"    {request.RequestUri.PathAndQuery} -> {answer.Status} {answer.Told}");
        var body = Encoding.UTF8.GetBytes(answer.Body);
        if (answer.Status == 200 && Has(FaultKind.CutBody, now) && random.Is(0.2))
        {
            body = body[..random.Next(body.Length)];
            history?.Invoke("      cut off");
        }

        var isTooLarge = Has(FaultKind.TooLarge, now) && answer.Records > habits.Fits;
        if (isTooLarge)
        {
            // Nobody who reads it takes it for a page.
            body = body[..(body.Length / 2)];
        }

        var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { Content = new ByteArrayContent(body) };
        response.Content.Headers.ContentType = new(Has(FaultKind.WebPage, now) && answer.Body.StartsWith('<') ? "text/html" : "application/json");
        if (isTooLarge)
        {
            history?.Invoke("      too large");
            response.Content.Headers.ContentLength = 20_000_000;
        }

        if (!Has(FaultKind.NoDate, now)) response.Headers.Date = now + Skew(now);

        if (answer.RetryAfter is { } wait)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", wait.ToString(CultureInfo.InvariantCulture));
        }

        return response;
    }

    protected abstract Answer Right(string path, IReadOnlyDictionary<string, string> query, DateTimeOffset now);

    /// <summary>Whose records are behind the credential now.</summary>
    protected IReadOnlyList<VendorRecord> Shown(DateTimeOffset now)
    {
        if (!Has(FaultKind.OtherOrganisation, now)) return _records;

        while (_strangers.Count < 30)
        {
            var at = now.AddHours(_strangers.Count - 40);
            var stranger = new VendorRecord
            {
                Id = $"x{_strangers.Count}",
                Created = at,
                VisibleFrom = at,
                Time = at,
                Account = "other",
            };
            stranger.Versions.Add(1);
            _strangers.Add(stranger);
        }

        return _strangers;
    }

    /// <summary>Whether the answer that holds these records fails because of one of them.</summary>
    protected bool Chokes(DateTimeOffset now, Func<VendorRecord, bool> holds) =>
        Has(FaultKind.Range, now) && _records.Count > 0 && holds(_records[habits.Choking % _records.Count]);

    protected bool IsMended(DateTimeOffset now) => !Has(FaultKind.BrokenRecord, now);

    private TimeSpan Skew(DateTimeOffset now) => Has(FaultKind.DateAhead, now) ? habits.Ahead
        : Has(FaultKind.DateBehind, now) ? -habits.Behind
        : TimeSpan.Zero;

    private Answer? Wrong(DateTimeOffset now)
    {
        if (Has(FaultKind.NoQuota, now) || (Has(FaultKind.Quota, now) && random.Is(0.3)))
        {
            return new(429, "", "no quota") { RetryAfter = random.Is(0.5) ? random.Next(1, 90) : null };
        }

        if (Has(FaultKind.Unavailable, now) && random.Is(0.5)) return new(random.OneOf(502, 503), "", "unavailable");

        return Has(FaultKind.WebPage, now) && random.Is(0.2) ? new(200, "<html>maintenance</html>", "a web page") : null;
    }

    private void Add(DateTimeOffset created, DateTimeOffset now)
    {
        Left--;
        var odd = random.Is(habits.OddTime);
        var kind = odd && random.Is(0.6) ? random.OneOf(
            RecordTimeKind.Missing, RecordTimeKind.Null, RecordTimeKind.Words, RecordTimeKind.Surrogate, RecordTimeKind.Absurd) : RecordTimeKind.Dated;
        var time = odd && kind == RecordTimeKind.Dated
            ? random.OneOf(
                new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero),
                created.AddHours(-30),
                created.AddMinutes(40),
                created.AddDays(3),
                created.AddYears(40))
            : created;
        var delay = !random.Is(habits.Late) || created > now ? TimeSpan.Zero
            : random.Next(10) switch
            {
                < 5 => habits.Overlap * random.NextDouble() * 0.9,
                < 8 => random.Between(habits.Overlap, TimeSpan.FromHours(6)),
                _ => random.Between(TimeSpan.FromHours(6), TimeSpan.FromDays(6)),
            };
        var visible = created + delay;
        var items = habits.HasItems && random.Is(0.5) ? random.Next(1, 4) : 0;
        var record = new VendorRecord
        {
            Id = $"r{_records.Count}",
            Created = created,
            VisibleFrom = visible < now ? now : visible,
            TimeKind = kind,
            Time = time,
            IsHidden = IsNextHidden(),
            IsBroken = random.Is(habits.Broken),
            HasSurrogate = random.Is(0.02),
            Account = "acct",
            Items = items,
            FirstItems = items,
        };
        record.Versions.AddRange(Enumerable.Repeat(1, Math.Max(1, record.Items)));
        _records.Add(record);
        history?.Invoke($"  + {record}");
    }

    private void ChangeOne(DateTimeOffset now)
    {
        var record = _records[random.Next(Math.Max(0, _records.Count - 20), _records.Count)];
        if (!record.IsVisible(now)) return;

        switch (random.Next(4))
        {
            case 0:
                record.RemovedAt = now;
                history?.Invoke($"  - {record.Id} is removed");
                break;
            case 1 when record.IsDated && record.Time.Year > 2001:
                record.Time += random.Between(TimeSpan.FromHours(-3), TimeSpan.FromMinutes(30));
                record.RedatedAt = now;
                Revise(record);
                history?.Invoke($"  ~ {record.Id} says {record.Time:s}");
                break;
            case 2 when record.Items > 0:
                record.Items++;
                record.Versions.Add(1);
                history?.Invoke($"  ~ {record.Id} has {record.Items} items");
                break;
            default:
                Revise(record);
                history?.Invoke($"  ~ {record.Id} says something else");
                break;
        }
    }

    private static void Revise(VendorRecord record)
    {
        for (var i = 0; i < record.Versions.Count; i++) record.Versions[i]++;
    }

    /// <summary>Records that a credential may not see stand together: whole pages of them.</summary>
    private bool IsNextHidden()
    {
        if (_hidden == 0 && random.Is(habits.Hidden)) _hidden = random.OneOf(1, 1, 3, 12, 60);

        return _hidden > 0 && _hidden-- > 0;
    }

    private TimeSpan Pause() => _pause * -Math.Log(1 - random.NextDouble());

    private static Dictionary<string, string> Query(string query) => query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
}

/// <summary>An answer of a generated vendor.</summary>
/// <param name="Told">What the history says of it.</param>
internal sealed record Answer(int Status, string Body, string Told)
{
    /// <summary>How many records the page shows.</summary>
    public int Records { get; init; }

    /// <summary>Seconds.</summary>
    public int? RetryAfter { get; init; }
}

/// <summary>What a generated vendor is like all the time. Chances are from 0 to 1.</summary>
internal sealed record VendorHabits
{
    /// <summary>How far back every poll of the connector reads again.</summary>
    public required TimeSpan Overlap { get; init; }

    /// <summary>Records have parts.</summary>
    public required bool HasItems { get; init; }

    public double Late { get; init; }

    public double OddTime { get; init; }

    public double Hidden { get; init; }

    public double Broken { get; init; }

    public double Change { get; init; }

    public double Tie { get; init; }

    /// <summary>Bounds of time are inclusive.</summary>
    public bool HasInclusiveBounds { get; init; }

    /// <summary>How the end of a list is told, of several ways that the contract allows.</summary>
    public int EndForm { get; init; }

    /// <summary>A cursor is only good for the page size it was given with.</summary>
    public bool CursorsAreOfOneSize { get; init; }

    /// <summary>Under <see cref="FaultKind.Loop"/> cursors lead back to the beginning of the list, not to where the walk began.</summary>
    public bool LoopsFar { get; init; }

    /// <summary>The number of the record that <see cref="FaultKind.Range"/> is about.</summary>
    public int Choking { get; init; }

    /// <summary>Under <see cref="FaultKind.TooLarge"/> a page of more records is larger than any that is kept.</summary>
    public int Fits { get; init; }

    public TimeSpan Ahead { get; init; }

    public TimeSpan Behind { get; init; }
}
