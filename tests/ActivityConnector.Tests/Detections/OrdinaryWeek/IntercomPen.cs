using System.Text;
using System.Text.Json;
using ActivityConnector.Simulation;
using ActivityConnector.Simulation.Intercom;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>Writes Intercom's activity logs. Pens of one seed never write the same id if their first numbers lie far apart.</summary>
internal sealed class IntercomPen(int seed, int firstNumber, Diary diary)
{
    private readonly IntercomRecords _ids = new(seed, TieOrder.NewestFirst, hostileShare: 0);
    private int _number = firstNumber;

    public void Write(DateTimeOffset at, Person? by, string? address, string type, string metadata, string sentence)
    {
        at = DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds());
        var ip = address is null ? "" : $",\"ip\":\"{address}\"";
        var performer = by is null
            ? ""
            : $$"""
              "performed_by":{"type":"admin","id":"{{by.AdminId}}","email":"{{by.Email}}"{{ip}}},
              """;
        var json = $$"""
            {"id":"{{_ids.Id(_number++)}}",{{performer}}"metadata":{{metadata}},"created_at":{{at.ToUnixTimeSeconds()}},
            "activity_type":"{{type}}","activity_description":"{{JsonEncodedText.Encode(sentence)}}"}
            """;
        diary.Add(new(WeekRecord.Intercom, at, Encoding.UTF8.GetBytes(json.Replace("\n", "", StringComparison.Ordinal))), events: 1);
    }
}
