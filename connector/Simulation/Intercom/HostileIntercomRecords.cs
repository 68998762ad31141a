namespace ActivityConnector.Simulation.Intercom;

/// <summary>Records that the contract does not allow, or allows without anyone expecting them. All are valid JSON.</summary>
internal static class HostileIntercomRecords
{
    private static readonly string BigText = string.Concat(Enumerable.Repeat("Lorem ipsum \\u00e9\\n", 4000));
    private static readonly string DeepText = string.Concat(Enumerable.Repeat("{\"a\":[", 50)) + "1" + string.Concat(Enumerable.Repeat("]}", 50));

    // $id$ and $created$ as in the good records; {0} does not occur, so that braces stay readable.
    private static readonly Template<IntercomSlot>[] Templates =
    [
        .. new[]
        {
            "null",
            "42",
            "\"a record that is a text\"",
            "[1,2,3]",
            "{}",
            """{"performed_by":{"type":"admin","id":"1"},"created_at":$created$,"activity_type":"admin_logout","activity_description":"no id"}""",
            """{"id":$big$,"performed_by":{"type":"admin","id":17},"metadata":{}"""
                + ""","created_at":$created$,"activity_type":"admin_logout","activity_description":"numeric ids"}""",
            """{"id":"$id$","performed_by":null,"metadata":null,"created_at":$created$,"activity_type":"admin_provisioned","activity_description":null}""",
            """{"id":"$id$","performed_by":"SCIM","metadata":"text","created_at":$created$"""
                + ""","activity_type":"admin_provisioned","activity_description":"texts for objects"}""",
            """{"id":"$id$","performed_by":{"type":"admin","id":null,"email":null,"ip":null},"metadata":[1,{"a":2}]"""
                + ""","created_at":$created$,"activity_type":"admin_logout","activity_description":"nulls"}""",
            """{"id":"$id$","performed_by":{"type":"bot","id":"7","email":"not an address","ip":{"v4":"1"}}"""
                + ""","metadata":{"auto_changed":true,"away_mode":"yes"}"""
                + ""","created_at":$created$,"activity_type":"admin_away_mode_change","activity_description":"wrong types"}""",
            """{"id":"$id$","performed_by":{"type":"admin","id":"1"},"metadata":{}"""
                + ""","created_at":"$created$","activity_type":"admin_logout","activity_description":"time as text"}""",
            """{"id":"$id$","performed_by":{"type":"admin","id":"1"},"metadata":{}"""
                + ""","created_at":$created$000,"activity_type":"admin_logout","activity_description":"time in milliseconds"}""",
            """{"id":"$id$","performed_by":{"type":"admin","id":"1"},"metadata":{}"""
                + ""","created_at":0,"activity_type":"admin_logout","activity_description":"the beginning of time"}""",
            """{"id":"$id$","performed_by":{"type":"admin","id":"1"},"metadata":{}"""
                + ""","created_at":null,"activity_type":"admin_logout","activity_description":"no time"}""",
            """{"id":"$id$","performed_by":{"type":"admin","id":"1"},"metadata":{}"""
                + ""","created_at":1e99,"activity_type":"admin_logout","activity_description":"after all time"}""",
            """{"id":"$id$","performed_by":{"type":"admin","id":"1"},"metadata":{"channel_availability":"away","auto_changed":false}"""
                + ""","created_at":$created$,"activity_type":"admin_channel_change","activity_description":"A type that is in no list."}""",
            """{"id":"$id$","performed_by":{"type":"admin","id":"1"},"metadata":{},"created_at":$created$,"activity_type":null,"activity_description":7}""",
            """{"id":"$id$","type":"admin_activity_log_event","performed_by":{"type":"admin","id":"1"},"metadata":{}"""
                + ""","created_at":$created$,"activity_type":"admin_logout","activity_description":"a type of its own","unknown":{"x":[]}}""",
            """{"id":"$id$","performed_by":{"type":"admin","id":"1"}"""
                + ""","metadata":{"before":"\u0000\u001f\u007f\u2028\ud83d\ude00","after":"\ud800 lone","":"empty key","a.b":1,"\u202egnp":2}"""
                + ""","created_at":$created$,"activity_type":"app_name_change","activity_description":"\u0000\t\r\n\u0085\u2028 \"quoted\" \\ \/ \u202e"}""",
            """{"id":"$id$","id":"$id$","performed_by":{"type":"admin","id":"1","id":"2"},"metadata":{"k":1,"k":2}"""
                + ""","created_at":$created$,"created_at":$created$,"activity_type":"admin_logout","activity_description":"names twice"}""",
            """{"\u0069d":"$id$","performed_by":{"type":"admin","id":"1"},"metadata":{}"""
                + ""","created_a\u0074":$created$,"activity_type":"admin\u005flogout","activity_description":"escaped names"}""",
            "{ \"id\" :\t\"$id$\" ,\n  \"created_at\" : $created$ , \"activity_type\" : \"admin_logout\" , "
                + "\"metadata\" : { } , \"activity_description\" : \"wide\" }",
            $$"""{"id":"$id$","performed_by":{"type":"admin","id":"1"},"metadata":{"before":"{{BigText}}"}"""
                + ""","created_at":$created$,"activity_type":"macro_update","activity_description":"big"}""",
            $$"""{"id":"$id$","performed_by":{"type":"admin","id":"1"},"metadata":{"changes":{{DeepText}}}"""
                + ""","created_at":$created$,"activity_type":"security_settings_change","activity_description":"deep"}""",
        }.Select(text => new Template<IntercomSlot>(text)),
    ];

    public static void Write(JsonText to, IntercomRecords records, Entry entry, RandomStream draw)
    {
        // Two more kinds: the record before once more, as it was and with other content.
        var kind = draw.Below(Templates.Length + 2) - 2;
        if (kind < 0)
        {
            var earlier = entry with { Record = Math.Max(0, entry.Record - 1) };
            if (kind == -1)
                records.WriteGood(to, earlier);
            else
                Write(to, records, earlier, Templates[^3]);
            return;
        }

        Write(to, records, entry, Templates[kind]);
    }

    private static void Write(JsonText to, IntercomRecords records, Entry entry, Template<IntercomSlot> template)
    {
        for (var i = 0; i < template.Slots.Length; i++)
        {
            to.Raw(template.Literal(i));
            switch (template.Slots[i])
            {
                case IntercomSlot.Id:
                    to.Value(records.Id(entry.Record));
                    break;
                case IntercomSlot.Big:
                    to.Value(1_000_000_000L + entry.Record);
                    break;
                default:
                    to.Value(entry.Created);
                    break;
            }
        }

        to.Raw(template.Literal(template.Slots.Length));
    }
}
