using System.Text;
using ActivityConnector.Transforms;
using ActivityConnector.Vendors;

namespace ActivityConnector.Tests.Fuzz.Targets;

/// <summary>A mapping table: it is read and can be used, or is refused with a <see cref="FormatException"/>.</summary>
internal static class MappingTableTarget
{
    private static readonly byte[][] Records =
    [
        """{"id":"1","created_at":1795280000,"activity_type":"app_name_change","performed_by":{"id":"7"},"metadata":{"before":"a"}}"""u8.ToArray(),
        """{"id":"1","createdAt":"2026-11-21T20:00:00Z","activityType":"a","items":[{"entityType":"e","activity":"updated"}]}"""u8.ToArray(),
    ];

    public static Task ReadAsync(byte[] input)
    {
        foreach (var vendor in Vendor.All)
        {
            VendorTable table;
            try
            {
                table = vendor.ParseTable(Encoding.UTF8.GetString(input));
            }
            catch (FormatException)
            {
                continue;
            }

            using var batch = new EventBatch();
            var transform = table.NewTransform(Golden.Vendors.Settings(vendor.Name));
            foreach (var record in Records) transform.Transform(new RawActivity(record, Golden.Vendors.ReceivedAt), batch);
            foreach (var row in table.Rows) _ = (table.Explain(row.Activity, null), table.Explain(row.Activity, "updated"));
        }

        return Task.CompletedTask;
    }
}
