using ActivityConnector.Transforms.Intercom;
using ActivityConnector.Transforms.Sequence;

namespace ActivityConnector.Tests.Transforms;

public class TableTests
{
    private const string Header = "activity_type,event.category,event.type,event.action,event.outcome,severity,why,since\n";
    private const string SequenceHeader =
        "priority,activity_type,verb,entity_type,event.category,event.type,event.action,event.outcome,severity,known,basis,why\n";

    [Theory]
    [InlineData("a,iam,user,a,success,101,,\n", "line 2, column severity")]
    [InlineData("a,iam,user,a,maybe,10,,\n", "line 2, column event.outcome")]
    [InlineData("a,nope,user,a,success,10,,\n", "line 2, column event.category")]
    [InlineData("a,iam,start,a,success,10,,\n", "line 2, column event.type")]
    [InlineData("a,iam,,a,success,10,,\n", "line 2, column event.type")]
    [InlineData("a,iam,user,b,success,10,,\n", "line 2, column event.action")]
    [InlineData("a,iam,user,a,success,10,\"x\ny\",\na,iam,user,a,success,10,,\n", "line 4, column activity_type")]
    [InlineData("a,iam\n", "line 2: 2 columns")]
    [InlineData("a,\"iam\n", "line 2, column 2")]
    public void A_bad_row_is_named_by_line_and_column(string row, string expected)
        => Assert.Contains(expected, Assert.Throws<FormatException>(() => IntercomTable.Parse(Header + row)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1,*,~(,*,api,info,a,,10,yes,,\n", "line 2, column verb")]
    [InlineData("1,X,A,B,api,info,a,,10,yes,,\n", "line 2, column activity_type")]
    [InlineData("1,*,A,B,api,info,a,,10,perhaps,,\n", "line 2, column known")]
    [InlineData("1,*,A,B,api,info,a,,10,yes,,\n", "needs a '(no items)' row")]
    [InlineData("2,*,A,B,api,info,a,,10,yes,,\n1,*,C,D,api,info,c,,10,yes,,\n", "line 3, column priority")]
    public void A_bad_Sequence_row_is_named_too(string row, string expected)
        => Assert.Contains(expected, Assert.Throws<FormatException>(() => SequenceTable.Parse(SequenceHeader + row)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_table_may_be_extended_by_its_user()
    {
        var table = IntercomTable.Parse(Header + "my_type,iam,user|change,my_type,success,5,\"why, \"\"so\"\"\",now\r\n");

        Assert.Equal("why, \"so\"", table.Find("my_type")!.Why);
        Assert.Null(table.Find("other"));
        Assert.False(table.Classify("other").IsKnown);
    }
}
