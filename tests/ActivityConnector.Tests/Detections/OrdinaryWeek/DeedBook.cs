using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Where planned deeds are written: their records, and what explains them. A deed's times and actions are those of its records.</summary>
internal sealed class DeedBook
{
    private const int FirstNumber = 1 << 30;

    private readonly Company _company;
    private readonly Rota _rota;
    private readonly DeedRate _rate;
    private readonly Diary _diary = new(Calendar.Monday.AddDays(-Calendar.HistoryDays), Calendar.HistoryDays + 7);
    private readonly IntercomPen _intercom;
    private readonly SequencePen _sequence;
    private readonly List<(string Vendor, DateTimeOffset At, string Action)> _open = [];
    private readonly HashSet<(int Person, int Day)> _present = [];
    private readonly HashSet<(int Person, int Day)> _troubled = [];
    private readonly List<Deed> _deeds = [];
    private RandomStream _draw;

    public DeedBook(int seed, Company company, Rota rota, DeedRate rate)
    {
        _rate = rate;
        (_company, _rota, _draw) = (company, rota, new(seed, Draws.Administration, 0));
        (_intercom, _sequence) = (new(seed, FirstNumber, _diary), new(seed, FirstNumber, _diary));
    }

    public Company Company => _company;

    public ref RandomStream Draw => ref _draw;

    public IReadOnlyList<Deed> Deeds => _deeds;

    /// <summary>Whether this week has a deed that comes so often in a year.</summary>
    public bool Has(int timesAYear) => _rate == DeedRate.EachOnce || _draw.Below(52) < timesAYear;

    public bool IsPresent(Person person, int day) => _present.Contains((person.Number, day));

    public bool IsTroubled(Person person, int day) => _troubled.Contains((person.Number, day));

    public IEnumerable<WeekRecord> TakeRecords() => Enumerable.Range(0, Calendar.HistoryDays + 7).SelectMany(_diary.Take);

    /// <summary>A person of the first of these roles of which one works on that day; they sign in on it.</summary>
    public Person Pick(int day, params Role[] roles) => Pick(day, _ => true, roles);

    /// <inheritdoc cref="Pick(int, Role[])"/>
    public Person Pick(int day, Func<Person, bool> suits, params Role[] roles)
    {
        foreach (var role in roles)
        {
            var present = _company.With(role).Where(p => suits(p) && !IsTroubled(p, day) && _rota.Of(p, day) is not null).ToList();
            if (present.Count == 0) continue;
            var person = _draw.Of(present);
            _present.Add((person.Number, day));
            return person;
        }

        throw new InvalidOperationException($"No one of {string.Join(", ", roles)} works on day {day}: take another seed or a larger company.");
    }

    public Shift ShiftOf(Person person, int day) => _rota.Of(person, day)!.Value;

    public SignIns SignIns => new(_intercom, hasOutage: false);

    public string Home(Person person, int day) => _rota.Home(person, day);

    /// <summary>The person's sign-in of that day is planned: none is mistyped by chance.</summary>
    public void Trouble(Person person, int day) => _troubled.Add((person.Number, day));

    /// <summary>Writes an Intercom record of a person at an hour of their day, from where they work.</summary>
    public void Write(Person by, int day, double hour, string type, string metadata, string sentence) =>
        Write(by, Calendar.At(by.Office, day, hour).AddSeconds(_draw.Below(50)), ShiftOf(by, day).Address, type, metadata, sentence);

    public void Write(Person? by, DateTimeOffset at, string? address, string type, string metadata, string sentence)
    {
        _intercom.Write(at, by, address, type, metadata, sentence);
        Mark(WeekRecord.Intercom, at, type);
    }

    public void Write(SequenceActor by, DateTimeOffset at, string verb, string entity, int number, string? reason = null)
    {
        _sequence.Write(at, by, new SequenceItem(verb, entity, number, reason));
        Mark(WeekRecord.Sequence, at, $"{entity}_{verb}".ToLowerInvariant());
    }

    /// <summary>Counts what another pen wrote as part of the deed.</summary>
    public void Mark(string vendor, DateTimeOffset at, string action) => _open.Add((vendor, at, action));

    /// <summary>What was written since the last deed is this one.</summary>
    public void Close(string? who, string why, string? address = null, bool hitsEach = false)
    {
        foreach (var vendor in _open.GroupBy(o => o.Vendor))
        {
            _deeds.Add(new(
                vendor.Key, vendor.Min(o => o.At), vendor.Max(o => o.At), who, [.. vendor.Select(o => o.Action).Distinct()], why, address, hitsEach));
        }

        _open.Clear();
    }
}
